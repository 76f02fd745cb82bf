// The HTTPS port over real TLS: version 1.3 only, no session resumed, a certificate replaced without a restart. Not what is asked over it.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type ApiServer, type CertificateSource, createApi, type ServerCertificate, serveApi } from '#api';
import { json, route } from '#routes';

const folder = mkdtempSync(join(tmpdir(), 'picket-api-tls-'));
const isOpenssl = hasOpenssl();
const NEEDED = isOpenssl ? '' : ' (skipped: no openssl here)';
const GET = 'GET /v1/certificate HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
/** Of the handshake, as this suite has it. */
const HANDSHAKE_MS = 1_000;

const table = {
  tests: {
    certificate: route({
      method: 'GET',
      path: '/v1/certificate',
      summary: 'Says how long the shown certificate is',
      access: { kind: 'open' },
      answer: json(z.object({ bytes: z.int() }), { bytes: 0 }),
    }),
  },
};

/** A certificate that can be replaced. */
class Replaceable implements CertificateSource {
  #certificate: ServerCertificate;
  #changed: (() => void) | null = null;

  constructor(certificate: ServerCertificate) {
    this.#certificate = certificate;
  }

  current = (): ServerCertificate => this.#certificate;
  onChange = (changed: () => void): (() => void) => {
    this.#changed = changed;
    return () => {
      this.#changed = null;
    };
  };

  replace(certificate: ServerCertificate): void {
    this.#certificate = certificate;
    this.#changed?.();
  }

  get isHeard(): boolean {
    return this.#changed !== null;
  }
}

let first: ServerCertificate;
let second: ServerCertificate;
let source: Replaceable;
let server: ApiServer;

beforeAll(async () => {
  if (!isOpenssl) return;
  first = made('first');
  second = made('second');
  source = new Replaceable(first);
  const api = createApi({
    table,
    handlers: { tests: { certificate: async ({ facts }) => ({ value: { bytes: facts.certificate?.length ?? 0 } }) } },
    authenticate: async () => ({ kind: 'nobody' }),
    now: () => 0,
    newTrace: () => 't',
    hosts: ['localhost'],
    origins: [],
    bug: (_, error) => {
      throw error;
    },
  });
  server = await serveApi({
    api,
    host: '127.0.0.1',
    port: 0,
    certificate: source,
    clientAuthorities: [first.chain],
    limits: { handshakeMs: HANDSHAKE_MS },
  });
});

afterAll(async () => {
  if (isOpenssl) await server.close(0);
  rmSync(folder, { recursive: true, force: true });
});

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

function made(name: string): ServerCertificate {
  const [key, chain] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  execFileSync(
    'openssl',
    [...words, '-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', chain],
    { stdio: 'pipe' },
  );
  return { key: readFileSync(key, 'utf8'), chain: readFileSync(chain, 'utf8') };
}

async function open(options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port: server.port,
    servername: 'localhost',
    ca: [first.chain, second.chain],
    ...options,
  });
  await once(socket, 'secureConnect');
  return socket;
}

/** Everything that comes until the end. */
async function heard(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  await once(socket, 'close');
  return text;
}

describe.skipIf(!isOpenssl)(`HTTPS port${NEEDED}`, () => {
  test('speaks TLS 1.3, and tells browsers to stay with it', async () => {
    const socket = await open();
    expect(socket.getProtocol()).toBe('TLSv1.3');
    socket.write(GET);
    expect(await heard(socket)).toMatch(/^HTTP\/1\.1 200 [\s\S]*strict-transport-security: max-age=31536000/i);
  });

  test.each(['TLSv1', 'TLSv1.1', 'TLSv1.2'] as const)('refuses %s', async (version) => {
    await expect(open({ minVersion: version, maxVersion: version, ciphers: 'ALL@SECLEVEL=0' })).rejects.toThrow();
  });

  test('refuses HTTP/2', async () => {
    await expect(open({ ALPNProtocols: ['h2'] })).rejects.toThrow();
    const socket = await open({ ALPNProtocols: ['h2', 'http/1.1'] });
    expect(socket.alpnProtocol).toBe('http/1.1');
    socket.destroy();
  });

  test('gives no session to resume, and resumes none', async () => {
    const sessions: Buffer[] = [];
    const before = await open();
    before.on('session', (session) => sessions.push(session));
    before.write(GET);
    await heard(before);
    const session = sessions.at(-1) ?? before.getSession();
    const after = await open(session === undefined ? {} : { session });
    expect(after.isSessionReused()).toBe(false);
    after.destroy();
  });

  test('shows a certificate of a client as a fact, and none where none was shown', async () => {
    const none = await open();
    none.write(GET);
    expect(await heard(none)).toContain('{"bytes":0}');
    const shown = await open({ key: first.key, cert: first.chain });
    shown.write(GET);
    expect(await heard(shown)).toMatch(/\{"bytes":[1-9]\d+\}/);
  });

  test('replaces its certificate without a restart, and lets connections be that are there', async () => {
    const before = await open();
    source.replace(second);
    const after = await open();
    expect(after.getPeerCertificate().subject.CN).toBe('second');
    before.write(GET);
    expect(await heard(before)).toMatch(/^HTTP\/1\.1 200/);
    after.destroy();
    source.replace(first);
  });

  test('closes on whoever speaks no TLS, or begins and stops', async () => {
    for (const words of ['GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', '\x16\x03\x01']) {
      const socket = connectPlain({ host: '127.0.0.1', port: server.port });
      let text = '';
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
      });
      socket.write(words, 'latin1');
      await once(socket, 'close');
      expect(text).not.toContain('HTTP');
    }
  });

  test('finishes what is under way when it is closed, and listens no more for certificates', async () => {
    const other = new Replaceable(first);
    const api = createApi({
      table,
      handlers: {
        tests: {
          certificate: async () => {
            await new Promise((resolve) => setTimeout(resolve, 300));
            return { value: { bytes: 1 } };
          },
        },
      },
      authenticate: async () => ({ kind: 'nobody' }),
      now: () => 0,
      newTrace: () => 't',
      hosts: ['localhost'],
      origins: [],
      bug: () => {},
    });
    const closing = await serveApi({ api, host: '127.0.0.1', port: 0, certificate: other });
    const asked = request({
      host: '127.0.0.1',
      port: closing.port,
      path: '/v1/certificate',
      headers: { host: 'localhost' },
      rejectUnauthorized: false,
    });
    asked.end();
    await once(asked, 'finish');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closed = closing.close(10_000);
    const [response] = await once(asked, 'response');
    expect(response.statusCode).toBe(200);
    response.resume();
    await closed;
    expect(other.isHeard).toBe(false);
  });
});
