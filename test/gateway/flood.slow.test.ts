// A flood at the gateway: what is admitted keeps flowing, what the kernel keeps for the flood stays bounded, and sets that are full stay closed.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileTable, numberBook, tableFile } from '#enforce';
import { parsePolicy } from '#policy';
import { HostSite, type Talker } from './hosts.testing.ts';
import { type PacketSketch, packetOf } from './packets.testing.ts';
import { missingKernel, Site } from './site.testing.ts';

const missing = missingKernel();
const NOON = Date.parse('2026-11-24T12:00:00Z') * 1_000;
const HEAD = `
picket: 1
timezone: UTC
mode: enforce
elements:
  cam: { kind: device, address: [10.0.1.2, 10.0.1.3] }
  nvr: { kind: server, address: 10.0.2.2 }
rules:
`;
const STREAM = '  stream: { from: cam, to: { on: nvr, protocol: udp, port: 5000 } }\n';
const LIVES = '  lives: { from: cam, to: { on: nvr, protocol: udp, port: 6000 }, limits: { lifetime: 1 h } }\n';

function tableOf(rules: string): string {
  const { policy } = parsePolicy(HEAD + rules, 'test');
  if (policy === null) throw new Error('the policy of this test is wrong');
  const made = compileTable(policy, { book: numberBook(), now: NOON });
  if (made.kind === 'refused') throw new Error(made.problem.message);
  return tableFile(made.content, NOON);
}

/** Opening packets of one flood. At a loaded machine's speed some seconds; twice the largest set that they could fill. */
const FLOOD_PACKETS = 30_000;

describe.skipIf(missing !== '')(`a flood${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new HostSite([
    { name: 'cam', number: 1 },
    { name: 'nvr', number: 2 },
    { name: 'evil', number: 3 },
  ]);
  beforeAll(() => {
    site.open();
    site.load(tableOf(STREAM));
  });
  afterAll(() => site.close());

  async function shareThatArrives(flood: () => Promise<unknown>): Promise<number> {
    const answer = site.talk('nvr', 'udp-answer', '5000');
    await answer.hear();
    const ask = site.talk('cam', 'udp-ask', '10.0.2.2', '5000', '500');
    await ask.hear();
    await flood();
    const saw = numbersOf(await ask.finish());
    await answer.finish();
    return (saw.got ?? 0) / (saw.sent ?? 1);
  }

  it.each([
    ['SYN flood of made-up addresses', ['flood', 'syn', '10.0.2.2', `${FLOOD_PACKETS}`]],
    ['scan of addresses and ports by a stranger', ['flood', 'scan', 'x', `${FLOOD_PACKETS}`, '10.0.3.2']],
    ['scan by an element', ['flood', 'scan', 'x', `${FLOOD_PACKETS}`, '10.0.1.2']],
  ])(
    'lets nine tenths of what is admitted through during a %s',
    async (what, words) => {
      const share = await shareThatArrives(() => heard(site.talk(what.includes('element') ? 'cam' : 'evil', ...words)));
      expect(share).toBeGreaterThanOrEqual(0.9);
      // Nothing denied leaves an entry with the connections that are tracked.
      const tracked = site.inGateway('cat', '/proc/net/nf_conntrack').trim().split('\n').length;
      expect(tracked).toBeLessThan(200);
      const sets = JSON.parse(site.inGateway('nft', '-j', 'list', 'set', 'inet', 'picket', 'denied4'));
      const denied = JSON.stringify(sets).match(/"timeout"/g)?.length ?? 0;
      expect(denied).toBeLessThanOrEqual(16_385);
    },
    120_000,
  );
});

describe.skipIf(missing !== '')(`sets that are full${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new Site();
  beforeAll(() => site.open());
  afterAll(() => site.close());

  const flow = (more: Partial<PacketSketch>): PacketSketch => ({
    from: '10.0.1.2',
    to: '10.0.2.2',
    protocol: 17,
    sourcePort: 40_000,
    destinationPort: 6_000,
    ...more,
  });
  const passes = async (...sketches: readonly PacketSketch[]): Promise<readonly boolean[]> =>
    (await site.send(sketches.map((sketch) => ({ side: 'a' as const, packet: packetOf(sketch) })))).map(
      ({ passed }) => passed,
    );
  const shrunk = (table: string, set: string, size: number): string =>
    table.replace(new RegExp(`(set ${set} \\{[^}]*size )\\d+`), `$1${size}`);

  it('admit no further session with a lifetime', async () => {
    site.load(shrunk(tableOf(LIVES), 'born', 2));
    const [first, second, third] = [40_001, 40_002, 40_003].map((sourcePort) => flow({ sourcePort }));
    if (first === undefined || second === undefined || third === undefined) return;
    expect(await passes(first, second, third, first, third)).toEqual([true, true, false, true, false]);
  });

  it('deny on when denials can no longer be told apart', async () => {
    site.load(shrunk(tableOf(STREAM), 'denied4', 1));
    const denied = [1, 2, 3].map((port) => flow({ destinationPort: port }));
    expect(await passes(...denied, flow({ destinationPort: 5_000 }))).toEqual([false, false, false, true]);
  });
});

function heard(talker: Talker): Promise<unknown> {
  return talker.hear();
}

function numbersOf(said: unknown): Readonly<Record<string, number>> {
  return typeof said === 'object' && said !== null ? Object.fromEntries(Object.entries(said)) : {};
}
