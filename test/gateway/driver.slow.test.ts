// The table's life with real traffic: up, changes under load, a lost child, a foreign hand, down. Nothing of it may leak or lose.

import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Gateway } from '#enforce';
import type { Policy } from '#model';
import { parsePolicy } from '#policy';
import { type PacketSketch, packetOf } from './packets.testing.ts';
import { missingKernel, Site } from './site.testing.ts';

const missing = missingKernel();

const HEAD = `
picket: 1
timezone: UTC
mode: enforce
elements:
  cam: { kind: device, address: [10.0.1.2, "fd00:1::2"] }
  cam2: { kind: device, address: 10.0.1.3 }
  nvr: { kind: server, address: [10.0.2.2, "fd00:2::2"] }
rules:
  keep: { from: cam, to: { on: nvr, protocol: udp, port: 5000 } }
`;

function policyOf(rules = ''): Policy {
  const { policy, problems } = parsePolicy(HEAD + rules, 'test');
  if (policy === null) throw new Error(problems[0]?.message);
  return policy;
}

const CHANGES = 1_000;
/** A busy machine may stop after so many, when the time is over. */
const CHANGES_MIN = 200;
const CHANGES_MS = 60_000;
const EXTRA = '  extra: { from: cam2, to: { on: nvr, protocol: udp, port: 6000 } }\n';

describe.skipIf(missing !== '')(`the gateway's table${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new Site();
  let gateway: Gateway | null = null;
  const drifts: boolean[] = [];
  beforeAll(() => site.open(), 60_000);
  afterAll(() => site.close());
  afterEach(async () => {
    gateway?.close();
    site.load('flush ruleset');
    drifts.length = 0;
  });

  function open(): Gateway {
    const inside = ['ip', 'netns', 'exec', site.gateway];
    gateway = new Gateway({
      nft: [...inside, 'nft'],
      ip: [...inside, 'ip'],
      connections: [...inside, 'cat', '/proc/net/nf_conntrack'],
      now: () => Date.now() * 1_000,
      onDrift: (isRepaired) => drifts.push(isRepaired),
    });
    return gateway;
  }

  const flow = (more: Partial<PacketSketch> = {}): PacketSketch => ({
    from: '10.0.1.2',
    to: '10.0.2.2',
    protocol: 17,
    sourcePort: 40_000,
    destinationPort: 5_000,
    payload: new Uint8Array(50),
    ...more,
  });
  const other = flow({ from: '10.0.1.3', destinationPort: 6_000 });
  const reply = flow({ from: '10.0.2.2', to: '10.0.1.3', sourcePort: 6_000, destinationPort: 40_000 });
  const passes = async (...sketches: readonly PacketSketch[]): Promise<readonly boolean[]> => {
    const fates = await site.send(
      sketches.map((sketch) => ({
        side: /^(10\.0\.1\.|fd00:1:)/.test(sketch.from) ? 'a' : 'b',
        packet: packetOf(sketch),
      })),
    );
    return fates.map(({ passed }) => passed);
  };

  it('leaves the ruleset byte for byte as it was', async () => {
    site.load(
      'table ip mine {\n set s { type ipv4_addr; elements = { 192.0.2.1 }\n }\n chain c {\n ip saddr @s counter\n }\n}\n',
    );
    const before = site.inGateway('nft', 'list', 'ruleset');
    const table = open();
    await table.up(policyOf());
    expect(site.inGateway('nft', 'list', 'ruleset')).not.toBe(before);
    await table.apply(policyOf(EXTRA));
    await table.down();
    expect(site.inGateway('nft', 'list', 'ruleset')).toBe(before);
  });

  it('refuses to share marks with somebody else, and changes nothing', async () => {
    site.load('table ip vpn {\n chain c {\n  type filter hook forward priority 0;\n  ct mark set 0x1\n }\n}\n');
    const before = site.inGateway('nft', 'list', 'ruleset');
    await expect(open().up(policyOf())).rejects.toMatchObject({
      trouble: 'marks-in-use',
      message: expect.stringContaining('table ip vpn'),
    });
    expect(site.inGateway('nft', 'list', 'ruleset')).toBe(before);
  });

  it('takes a rule away both ways before the call returns, and the rest loses nothing', async () => {
    const table = open();
    await table.up(policyOf(EXTRA));
    expect(await passes(flow(), other, reply)).toEqual([true, true, true]);
    await table.apply(policyOf());
    expect(await passes(flow(), other, reply)).toEqual([true, false, false]);
    await table.apply(policyOf(EXTRA));
    expect(await passes(flow(), other, reply)).toEqual([true, true, true]);
  });

  it('keeps sessions with a lifetime, and their ends, in a table that takes the place of another', async () => {
    const lives = '  lives: { from: cam, to: { on: nvr, protocol: udp, port: 7000 }, limits: { lifetime: 1 h } }\n';
    const first = open();
    await first.up(policyOf(lives));
    const one = flow({ destinationPort: 7_000 });
    expect(await passes(one, one)).toEqual([true, true]);
    first.close();
    const second = open();
    await second.up(policyOf(lives));
    expect(await passes(one)).toEqual([true]);
    expect(site.inGateway('nft', 'list', 'set', 'inet', 'picket', 'born')).toMatch(/timeout 59m\d+s/);
  });

  it('cuts an element in quarantine, and lets it back', async () => {
    const table = open();
    await table.up(policyOf(EXTRA));
    expect(await passes(flow(), other, reply)).toEqual([true, true, true]);
    await table.apply(policyOf(EXTRA), new Set(['cam2']));
    expect(await passes(flow(), other, reply)).toEqual([true, false, false]);
    await table.apply(policyOf(EXTRA));
    expect(await passes(other)).toEqual([true]);
  });

  it(`changes ${CHANGES} times under traffic: nothing allowed is lost, nothing denied comes through`, async () => {
    const table = open();
    const [less, more] = [policyOf(), policyOf(EXTRA)];
    await table.up(less);
    const six = { from: 'fd00:1::2', to: 'fd00:2::2' };
    const allowed = [flow(), flow({ sourcePort: 40_001 }), flow(six), flow({ ...six, sourcePort: 40_001 })];
    const denied = [flow({ from: '10.0.1.9' }), flow({ ...six, from: 'fd00:1::9' })];
    let isDone = false;
    let done = 0;
    const changes = (async () => {
      const end = Date.now() + CHANGES_MS;
      for (; done < CHANGES && (done < CHANGES_MIN || Date.now() < end); done++)
        await table.apply(done % 2 === 0 ? more : less);
      isDone = true;
    })();
    const counts = { lost: 0, leaked: 0, sent: 0 };
    while (!isDone) {
      const seen = await passes(...allowed, ...denied);
      counts.sent += seen.length;
      counts.lost += seen.filter((passed, at) => at < allowed.length && !passed).length;
      counts.leaked += seen.filter((passed, at) => at >= allowed.length && passed).length;
    }
    await changes;
    console.log(`${done} of ${CHANGES} changes, ${counts.sent} packets`);
    expect(counts).toMatchObject({ lost: 0, leaked: 0 });
    expect(counts.sent).toBeGreaterThan(100);
  }, 300_000);

  it('goes on with a new child when nft was killed', async () => {
    const table = open();
    await table.up(policyOf());
    const pids = execFileSync('ip', ['netns', 'pids', site.gateway], { encoding: 'utf8' }).trim().split('\n');
    for (const pid of pids) process.kill(Number(pid), 'SIGKILL');
    expect(await passes(flow(), other)).toEqual([true, false]);
    await expect
      .poll(() =>
        table.apply(policyOf(EXTRA)).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    expect(await passes(flow(), other)).toEqual([true, true]);
  });

  it('puts right what somebody else changed, and says so', async () => {
    await open().up(policyOf());
    site.inGateway('nft', 'flush', 'chain', 'inet', 'picket', 'forward');
    await expect.poll(() => drifts.length, { timeout: 5_000 }).toBeGreaterThan(0);
    expect(drifts[0]).toBe(true);
    expect(await passes(flow(), other)).toEqual([true, false]);
  });

  it('watches again when its watch was ended, and puts right what changed meanwhile', async () => {
    await open().up(policyOf());
    const pids = execFileSync('ip', ['netns', 'pids', site.gateway], { encoding: 'utf8' }).trim().split('\n');
    for (const pid of pids) process.kill(Number(pid), 'SIGKILL');
    site.inGateway('nft', 'flush', 'chain', 'inet', 'picket', 'forward');
    await expect.poll(() => drifts, { timeout: 30_000 }).toContain(true);
    expect(await passes(flow(), other)).toEqual([true, false]);
    const { length } = drifts;
    site.inGateway('nft', 'flush', 'chain', 'inet', 'picket', 'forward');
    await expect.poll(() => drifts.length, { timeout: 30_000 }).toBeGreaterThan(length);
    expect(drifts.at(-1)).toBe(true);
  }, 90_000);

  it('sees routing of IPv6 by marks', async () => {
    site.inGateway('ip', '-6', 'rule', 'add', 'fwmark', '7', 'lookup', 'main');
    try {
      await expect(open().up(policyOf())).rejects.toMatchObject({ trouble: 'marks-in-use' });
    } finally {
      site.inGateway('ip', '-6', 'rule', 'del', 'fwmark', '7');
    }
  });

  it('gives a new process marks that no flow of the old one carries', async () => {
    await open().up(policyOf(EXTRA));
    expect(await passes(other, reply)).toEqual([true, true]);
    gateway?.close();
    await open().up(policyOf());
    expect(await passes(flow(), other, reply)).toEqual([true, false, false]);
  });
});
