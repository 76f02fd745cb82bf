// Events to real receivers on loopback: syslog over TCP, TLS, UDP and a Unix socket, a webhook over HTTPS, a file; refusals, restarts, a receiver that is away.

import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttps } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createLog,
  type EventReceiver,
  Events,
  METRICS,
  Metrics,
  Secret,
  type SecurityEvent,
  signatureOf,
} from '#events';

const folder = mkdtempSync(join(tmpdir(), 'picket-sinks-'));
const NOW = 1_790_000_000_000;
const secret = new Secret('a-secret-of-enough-length');
let cert = '';
let key = '';
const servers: { close(): unknown }[] = [];
const sockets: Socket[] = [];

beforeAll(() => {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
  execFileSync('openssl', [...made, ...subject, ...files], { stdio: 'ignore' });
  cert = readFileSync(join(folder, 'cert.pem'), 'utf8');
  key = readFileSync(join(folder, 'key.pem'), 'utf8');
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

function event(number: number): SecurityEvent {
  return {
    kind: 'act',
    id: `event-${number}`,
    at: NOW,
    domain: 'plant.example',
    severity: 'high',
    action: 'policy.apply',
    subject: `revision ${number}\n<0>1 forged`,
    by: { kind: 'person', id: 'u1', name: 'ada', address: null },
    isSuccess: true,
    record: number,
    chain: 'c',
  };
}

interface Opened {
  readonly events: Events;
  readonly metrics: Metrics;
  readonly lines: string[];
}

async function open(receiver: Omit<EventReceiver, 'name' | 'kinds'>, name: string): Promise<Opened> {
  const metrics = new Metrics([METRICS.events, METRICS.eventsSpooled]);
  const lines: string[] = [];
  const log = createLog({ level: 'debug', now: () => NOW, out: { write: (line) => lines.push(line) } });
  let ids = 0;
  const events = await Events.open({
    folder: join(folder, 'spool'),
    receivers: [{ ...receiver, name, kinds: null }],
    product: { version: '1.0.0', host: 'controller.example' },
    now: () => NOW,
    newId: () => `own-${ids++}`,
    random: () => 0,
    metrics,
    log,
  });
  return { events, metrics, lines };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    if (tries > 1_000) throw new Error('it did not come to be within 20 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function listening(server: Server, where: number | string): Promise<number> {
  servers.push(server);
  server.on('connection', (socket) => sockets.push(socket));
  return new Promise((resolve) => {
    const told = (): void => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    };
    if (typeof where === 'string') server.listen(where, told);
    else server.listen(where, '127.0.0.1', told);
  });
}

/** Messages by octet counting (RFC 6587), as a server reads them. */
function octetReader(): { readonly messages: string[]; readonly take: (piece: Buffer) => void } {
  const messages: string[] = [];
  let rest = Buffer.alloc(0);
  const take = (piece: Buffer): void => {
    rest = Buffer.concat([rest, piece]);
    for (let space = rest.indexOf(0x20); space > 0; space = rest.indexOf(0x20)) {
      const length = Number(rest.toString('latin1', 0, space));
      if (!Number.isInteger(length)) throw new Error('a length is missing');
      if (rest.length < space + 1 + length) return;
      messages.push(rest.toString('utf8', space + 1, space + 1 + length));
      rest = rest.subarray(space + 1 + length);
    }
  };
  return { messages, take };
}

function expectMessages(messages: readonly string[], count: number): void {
  expect(messages).toHaveLength(count);
  for (const [index, message] of messages.entries()) {
    expect(message).toMatch(/^<35>1 2026-09-21T14:13:20\.000Z controller\.example picket - - - \ufeff\{[^\n]*\}$/);
    expect(JSON.parse(message.slice(message.indexOf('{')))).toMatchObject({
      class_uid: 6003,
      metadata: { uid: `event-${index}` },
    });
  }
}

describe('syslog', () => {
  it.each(['tcp', 'tls', 'unix'] as const)('over %s: every event is one counted message, in order', async (kind) => {
    const { messages, take } = octetReader();
    const server =
      kind === 'tls'
        ? createTls({ cert, key }, (socket) => socket.on('data', take))
        : createServer((socket) => socket.on('data', take));
    const path = join(folder, `${kind}.sock`);
    const port = await listening(server, kind === 'unix' ? path : 0);
    const host = '127.0.0.1';
    const target =
      kind === 'unix' ? { kind, path } : kind === 'tls' ? { kind, host, port, ca: cert } : { kind, host, port };
    const { events } = await open({ format: 'ocsf', to: { kind: 'syslog', target } }, kind);
    for (let number = 0; number < 500; number++) events.emit(event(number));
    await until(() => messages.length >= 500);
    expectMessages(messages, 500);
    await events.close();
  });

  it('over TLS: a server that nobody vouches for gets nothing', async () => {
    let bytes = 0;
    const server = createTls({ cert, key }, (socket) =>
      socket.on('data', (piece) => {
        bytes += piece.length;
      }),
    );
    server.on('tlsClientError', () => {});
    const port = await listening(server, 0);
    const target = { kind: 'tls', host: '127.0.0.1', port, ca: null } as const;
    const { events, lines } = await open({ format: 'cef', to: { kind: 'syslog', target } }, 'stranger');
    events.emit(event(1));
    await until(() => lines.some((line) => line.includes('PICKET-C250')));
    expect(events.health()).toMatchObject([{ waiting: 1, why: expect.stringContaining('self') }]);
    expect(bytes).toBe(0);
    await events.close();
  });

  it('over UDP: each event is one datagram', async () => {
    const messages: string[] = [];
    const server = createSocket('udp4');
    servers.push(server);
    server.on('message', (message) => messages.push(message.toString('utf8')));
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
    const target = { kind: 'udp', host: '127.0.0.1', port: server.address().port } as const;
    const { events } = await open({ format: 'ocsf', to: { kind: 'syslog', target } }, 'udp');
    for (let number = 0; number < 10; number++) events.emit(event(number));
    await until(() => messages.length >= 10);
    expectMessages(messages, 10);
    await events.close();
  });

  it('waits for a server that is away, over a restart, and then delivers all in order', async () => {
    const { messages, take } = octetReader();
    const path = join(folder, 'late.sock');
    const receiver = { format: 'ocsf', to: { kind: 'syslog', target: { kind: 'unix', path } } } as const;
    const first = await open(receiver, 'late');
    for (let number = 0; number < 300; number++) first.events.emit(event(number));
    await until(() => first.lines.some((line) => line.includes('PICKET-C250')));
    await first.events.close();
    const second = await open(receiver, 'late');
    expect(second.events.health()[0]?.waiting).toBe(300);
    await listening(
      createServer((socket) => socket.on('data', take)),
      path,
    );
    await until(() => messages.length >= 300);
    expectMessages(messages, 300);
    await second.events.close();
  });
});

interface Asked {
  readonly url: string;
  readonly body: string;
  readonly signature: string;
  readonly seconds: number;
}

/** A webhook's server: answers what `statusOf` says, and keeps what was asked. */
async function hook(
  statusOf: (body: string, count: number) => number,
): Promise<{ readonly url: string; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createHttps({ cert, key }, (request, answer) => {
    let body = '';
    request.on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => {
      const { 'x-picket-signature': signature, 'x-picket-time': seconds } = request.headers;
      asked.push({ url: request.url ?? '', body, signature: String(signature), seconds: Number(seconds) });
      answer.writeHead(statusOf(body, asked.length), { location: 'https://127.0.0.1:1/elsewhere' });
      answer.end('x'.repeat(200_000));
    });
  });
  return { url: `https://localhost:${await listening(server, 0)}/hook?a=b`, asked };
}

const webhook = (url: string) => ({ format: 'ocsf', to: { kind: 'webhook', url, secret, ca: cert } }) as const;

function idsOf(asked: readonly Asked[]): readonly string[] {
  return asked.flatMap(({ body }) => JSON.parse(body).map((one: { metadata: { uid: string } }) => one.metadata.uid));
}

describe('a webhook', () => {
  it('gets JSON that is signed with the time, at the one address', async () => {
    const { url, asked } = await hook(() => 204);
    const { events, metrics } = await open(webhook(url), 'hook');
    for (let number = 0; number < 20; number++) events.emit(event(number));
    await until(() => metrics.text().includes('picket_events_total{sink="hook",outcome="delivered"} 20'));
    expect(idsOf(asked)).toEqual(Array.from({ length: 20 }, (_, number) => `event-${number}`));
    for (const { body, signature, seconds } of asked) {
      expect(seconds).toBe(NOW / 1_000);
      expect(signature).toBe(signatureOf(secret, seconds, Buffer.from(body)));
    }
    expect(asked[0]?.url).toBe('/hook?a=b');
    await events.close();
  });

  it('is asked again after 503 and follows no redirection', async () => {
    const { url, asked } = await hook((_, count) => (count === 1 ? 503 : count === 2 ? 302 : 200));
    const { events, lines, metrics } = await open(webhook(url), 'flaky');
    events.emit(event(0));
    await until(() => metrics.text().includes('outcome="delivered"} 1'));
    expect(idsOf(asked)).toEqual(['event-0', 'event-0', 'event-0']);
    expect(lines.join()).toContain('is not followed');
    await events.close();
  });

  it('that refuses one event for good loses that one only, and it is counted', async () => {
    const { url, asked } = await hook((body) => (body.includes('event-2') ? 422 : 200));
    const { events, metrics } = await open(webhook(url), 'picky');
    for (let number = 0; number < 5; number++) events.emit(event(number));
    await until(() => /outcome="delivered"\} 4/.test(metrics.text()) && /outcome="dropped"\} 1/.test(metrics.text()));
    expect(new Set(idsOf(asked))).toContain('event-4');
    await events.close();
  });
});

describe('a file', () => {
  it('holds one event a line, in files of bounded size of which the newest are kept', async () => {
    const path = join(folder, 'events.log');
    const { events, metrics } = await open(
      { format: 'cef', to: { kind: 'file', path, bytesMax: 50_000, filesMax: 3 } },
      'file',
    );
    for (let number = 0; number < 2_000; number++) events.emit(event(number));
    await until(() => metrics.text().includes('outcome="delivered"} 2000'));
    await events.close();
    const kept = [`${path}.2`, `${path}.1`, path].filter((one) => existsSync(one));
    expect(kept).toHaveLength(3);
    expect(existsSync(`${path}.3`)).toBe(false);
    const lines = kept.flatMap((one) => readFileSync(one, 'utf8').trim().split('\n'));
    expect(lines.every((line) => line.startsWith('CEF:0|Picket|Picket|1.0.0|policy.apply|'))).toBe(true);
    expect(lines.at(-1)).toContain('externalId=event-1999 ');
  });

  it('gets less where the spool was full, and is told how much', async () => {
    const path = join(folder, 'missing', 'events.log');
    const receiver = { format: 'ocsf', to: { kind: 'file', path }, spoolBytesMax: 40_000 } as const;
    const { events, metrics } = await open(receiver, 'full');
    for (let number = 0; number < 500; number++) events.emit(event(number));
    await until(() => (events.health()[0]?.waiting ?? 500) < 100);
    await events.close();
    const dropped = Number(/outcome="dropped"\} (\d+)/.exec(metrics.text())?.[1]);
    expect(dropped).toBeGreaterThan(300);
    const there = await open({ ...receiver, to: { kind: 'file', path: join(folder, 'there.log') } }, 'full');
    await until(() => there.events.health()[0]?.waiting === 0);
    await there.events.close();
    const lines = readFileSync(join(folder, 'there.log'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ api: { operation: 'events.dropped' }, resources: [{ uid: `${dropped} events` }] });
    expect(lines).toHaveLength(500 - dropped + 1);
    expect(lines.at(-1)?.metadata.uid).toBe('event-499');
  });
});
