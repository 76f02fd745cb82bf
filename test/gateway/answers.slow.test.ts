// DNS answers as the kernel's table shows them: only what it passed, and only from where its sender is. Real packets, a real table, the real observer.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Gateway } from '#enforce';
import { AddressTable, type NameFact } from '#model';
import { Observer } from '#observe';
import { parsePolicy } from '#policy';
import { type PacketSketch, packetOf } from './packets.testing.ts';
import { missingKernel, type Side, Site } from './site.testing.ts';

const missing = missingKernel();
const POLICY = `
picket: 1
timezone: UTC
mode: enforce
elements:
  cam: { kind: device, address: [10.0.1.2, "fd00:1::2"], labels: { role: camera } }
  plain: { kind: device, address: 10.0.1.4 }
rules:
  resolve: { from: role=camera, to: { on: [8.8.8.8, "2600::1"], protocol: udp, port: 53 } }
`;
const NAME = 'api.example.com';
const [A, AAAA] = [1, 28];

interface Question {
  readonly client: string;
  readonly resolver: string;
  readonly port: number;
}

function message(id: number, type: number, answer: readonly number[]): Uint8Array {
  const labels = NAME.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  const isAnswer = answer.length > 0;
  const head = [id >> 8, id & 255, isAnswer ? 0x81 : 1, isAnswer ? 0x80 : 0, 0, 1, 0, isAnswer ? 1 : 0, 0, 0, 0, 0];
  const record = isAnswer ? [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, answer.length, ...answer] : [];
  return Uint8Array.from([...head, ...labels, 0, 0, type, 0, 1, ...record]);
}

describe.skipIf(missing !== '')(`answers of DNS${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new Site();
  const addresses = new AddressTable();
  const told: NameFact[] = [];
  const seen: string[] = [];
  let gateway: Gateway;
  let observer: Observer;
  let ports = 20_000;

  beforeAll(async () => {
    site.open();
    const prefix = ['ip', 'netns', 'exec', site.gateway];
    gateway = new Gateway({
      nft: [...prefix, 'nft'],
      ip: [...prefix, 'ip'],
      connections: [...prefix, 'cat', '/proc/net/nf_conntrack'],
      now: () => Date.now() * 1_000,
    });
    const { policy } = parsePolicy(POLICY, 'test');
    if (policy === null) throw new Error('no policy');
    await gateway.up(policy);
    observer = new Observer({
      addresses,
      now: () => Date.now() * 1_000,
      prefix,
      answerGroup: 8,
      sink: {
        observe: ({ sourcePort, destination }) => seen.push(`${sourcePort} ${addresses.text(destination)}`),
        name: (fact) => seen.push(`name ${fact.kind}`),
        answer: (fact) => told.push({ ...fact }),
        flow() {},
        verdict() {},
        neighbour() {},
      },
    });
    await observer.start();
  }, 120_000);
  afterAll(async () => {
    await observer.close();
    await gateway.down();
    gateway.close();
    site.close();
  }, 120_000);
  beforeEach(() => {
    told.length = 0;
    seen.length = 0;
  });

  const asking = (more: Partial<Question> = {}): Question => ({
    client: '10.0.1.2',
    resolver: '8.8.8.8',
    port: ports++,
    ...more,
  });
  const question = ({ client, resolver, port }: Question, type = A): PacketSketch => ({
    from: client,
    to: resolver,
    protocol: 17,
    sourcePort: port,
    destinationPort: 53,
    payload: message(port, type, []),
  });
  const answer = (asked: Question, address: readonly number[], type = A): PacketSketch => ({
    from: asked.resolver,
    to: asked.client,
    protocol: 17,
    sourcePort: 53,
    destinationPort: asked.port,
    payload: message(asked.port, type, address),
  });
  const send = async (side: Side, sketch: PacketSketch): Promise<boolean> =>
    (await site.send([{ side, packet: packetOf(sketch) }]))[0]?.passed ?? false;
  /** Everything sent before it has been told when this is. */
  const settled = async (): Promise<readonly string[]> => {
    const asked = asking();
    await send('a', question(asked));
    await send('b', answer(asked, [9, 9, 9, 9]));
    await expect.poll(() => told.map(({ value }) => value), { timeout: 20_000 }).toContain('9.9.9.9');
    return told.map(({ value }) => value).filter((value) => value !== '9.9.9.9');
  };

  it('are told as the kernel passed them, of both versions, with who asked', async () => {
    const [four, six] = [asking(), asking({ client: 'fd00:1::2', resolver: '2600::1' })];
    expect(await send('a', question(four))).toBe(true);
    expect(await send('b', answer(four, [203, 0, 113, 5]))).toBe(true);
    expect(await send('a', question(six, AAAA))).toBe(true);
    expect(await send('b', answer(six, [0x26, ...Array<number>(14).fill(0), 7], AAAA))).toBe(true);
    expect(await settled()).toEqual(['203.0.113.5', '2600::7']);
    expect(told.slice(0, 2).map(({ client, name }) => [addresses.text(client), name])).toEqual([
      ['10.0.1.2', NAME],
      ['fd00:1::2', NAME],
    ]);
  });

  it('are not told where a client sent them to itself in the resolver’s name, although they were seen', async () => {
    const asked = asking();
    expect(await send('a', question(asked))).toBe(true);
    await send('a', answer(asked, [6, 6, 6, 6]));
    await expect.poll(() => seen, { timeout: 20_000 }).toContain('53 10.0.1.2');
    expect(await send('b', answer(asked, [203, 0, 113, 6]))).toBe(true);
    expect(await settled()).toEqual(['203.0.113.6']);
    expect(seen).not.toContain('name dns-answer');
  });

  it('are not told where the policy let the question not pass, or where nobody asked', async () => {
    const denied = asking({ client: '10.0.1.4' });
    expect(await send('a', question(denied))).toBe(false);
    expect(await send('b', answer(denied, [6, 6, 6, 7]))).toBe(false);
    expect(await send('b', answer(asking(), [6, 6, 6, 8]))).toBe(false);
    expect(await settled()).toEqual([]);
  });
});
