// The table in the real kernel, limit by limit: what is permitted passes, what is denied does not come out.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Compiled, compileTable, differenceCommands, numberBook, tableFile } from '#enforce';
import { parsePolicy } from '#policy';
import { type PacketSketch, packetOf } from './packets.testing.ts';
import { type Fate, missingKernel, type Side, Site } from './site.testing.ts';

const missing = missingKernel();

const ELEMENTS = `
picket: 1
timezone: UTC
mode: enforce
elements:
  cam: { kind: device, address: [10.0.1.2, "fd00:1::2"], labels: { role: camera } }
  cam2: { kind: device, address: 10.0.1.3, labels: { role: camera } }
  watched: { kind: device, address: 10.0.1.9, mode: observe }
  nvr: { kind: server, address: [10.0.2.2, "fd00:2::2"], labels: { role: recorder } }
  plain: { kind: server, address: 10.0.2.9, mode: observe }
`;

type Made = Extract<Compiled, { kind: 'compiled' }>;
const NOON = Date.parse('2026-11-24T12:00:00Z') * 1_000;
const book = numberBook();

function compiled(rules: string, now = NOON): Made {
  const { policy, problems } = parsePolicy(ELEMENTS + rules, 'test');
  if (policy === null) throw new Error(problems.map(({ message }) => message).join('\n'));
  const made = compileTable(policy, { book, now });
  if (made.kind === 'refused') throw new Error(made.problem.message);
  return made;
}

/** The kernel sweeps a count of open connections at most once a tick of its clock, which is 10 ms at the slowest. */
const COUNT_SWEEP_MILLIS = 30;

let ports = 20_000;
const nextPort = (): number => ports++;

describe.skipIf(missing !== '')(`the table in the kernel${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new Site();
  beforeAll(() => site.open());
  afterAll(() => site.close());

  function install(made: Made, now = NOON): void {
    site.load(tableFile(made.content, now));
  }

  async function fates(...sketches: readonly (PacketSketch & { readonly side?: Side })[]): Promise<readonly Fate[]> {
    return site.send(sketches.map((sketch) => ({ side: sketch.side ?? 'a', packet: packetOf(sketch) })));
  }

  const passes = async (
    ...sketches: readonly (PacketSketch & { readonly side?: Side })[]
  ): Promise<readonly boolean[]> => (await fates(...sketches)).map(({ passed }) => passed);

  const udp = (more: Partial<PacketSketch> = {}): PacketSketch => ({
    from: '10.0.1.2',
    to: '10.0.2.2',
    protocol: 17,
    sourcePort: nextPort(),
    destinationPort: 5000,
    payload: new Uint8Array(10),
    ...more,
  });
  const sized = (bytes: number): Uint8Array => new Uint8Array(bytes - 28);
  const back = (sketch: PacketSketch, more: Partial<PacketSketch> = {}): PacketSketch & { side: Side } => ({
    ...sketch,
    from: sketch.to,
    to: sketch.from,
    sourcePort: sketch.destinationPort ?? 0,
    destinationPort: sketch.sourcePort ?? 0,
    side: 'b',
    ...more,
  });

  it('permits what a rule names, both ways, and nothing else', async () => {
    install(compiled('rules:\n  r: { from: role=camera, to: { on: role=recorder, protocol: udp, port: 5000 } }\n'));
    const one = udp();
    expect(await passes(one, back(one), one)).toEqual([true, true, true]);
    const denied = [
      udp({ destinationPort: 5001 }),
      udp({ from: '10.0.1.4' }),
      udp({ to: '10.0.2.3' }),
      udp({ protocol: 6, flags: 2, destinationPort: 5000 }),
      { ...back(udp()), side: 'b' as const },
      udp({ from: 'fd00:1::3', to: 'fd00:2::2' }),
    ];
    expect(await passes(...denied)).toEqual(denied.map(() => false));
    const six = udp({ from: 'fd00:1::2', to: 'fd00:2::2' });
    expect(await passes(six, back(six))).toEqual([true, true]);
  });

  it('holds the sizes of packets just inside, on and outside', async () => {
    install(
      compiled(
        'rules:\n  r: { from: cam, to: { on: nvr, protocol: udp, port: 5000 }, limits: { size: 100 B - 500 B } }\n',
      ),
    );
    const sizes = [99, 100, 101, 499, 500, 501];
    const one = udp();
    expect(await passes(...sizes.map((size) => ({ ...one, payload: sized(size) })))).toEqual([
      false,
      true,
      true,
      true,
      true,
      false,
    ]);
    const six = udp({ from: 'fd00:1::2', to: 'fd00:2::2' });
    expect(await passes(...sizes.map((size) => ({ ...six, payload: new Uint8Array(size - 48) })))).toEqual([
      false,
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  it('holds a volume ceiling to the byte and stays shut', async () => {
    install(
      compiled(
        'rules:\n  r: { from: cam, to: { on: nvr, protocol: udp, port: 5000 }, limits: { volume: <= 1000 B per day } }\n',
      ),
    );
    const one = udp({ payload: sized(500) });
    expect(await passes(one, back(one), { ...one, payload: sized(40) })).toEqual([true, true, false]);
    install(
      compiled(
        'rules:\n  r: { from: cam, to: { on: nvr, protocol: udp, port: 5000 }, limits: { volume: <= 999 B per day } }\n',
      ),
    );
    const two = udp({ payload: sized(500) });
    expect(await passes(two, back(two), { ...two, payload: sized(40) })).toEqual([true, false, false]);
  });

  it('counts a volume for each pair apart', async () => {
    install(
      compiled(
        'rules:\n  r: { from: role=camera, to: { on: nvr, protocol: udp, port: 5000 }, limits: { volume: <= 500 B per day } }\n',
      ),
    );
    const [one, other] = [udp({ payload: sized(500) }), udp({ from: '10.0.1.3', payload: sized(500) })];
    expect(await passes(one, one, other, other)).toEqual([true, false, true, false]);
  });

  it('holds a rate', async () => {
    install(
      compiled(
        'rules:\n  r: { from: cam, to: { on: nvr, protocol: udp, port: 5000 }, limits: { rate: 0.01 packets/s burst 3 } }\n',
      ),
    );
    const one = udp();
    expect(await passes(one, one, one, one, one)).toEqual([true, true, true, false, false]);
    install(
      compiled(
        'rules:\n  r: { from: cam, to: { on: nvr, protocol: udp, port: 5000 }, limits: { rate: 1 B/s burst 1000 B } }\n',
      ),
    );
    const two = udp({ payload: sized(500) });
    expect(await passes(two, two, two)).toEqual([true, true, false]);
  });

  it('holds open connections and connections in a period', async () => {
    install(
      compiled(
        'rules:\n  r: { from: cam, to: { on: nvr, protocol: udp, port: 5000 }, limits: { connections: 2 open } }\n',
      ),
    );
    const [one, two, three] = [udp(), udp(), udp()];
    expect(await passes(one, two, three, one, two, three)).toEqual([true, true, false, true, true, false]);
    install(
      compiled(
        'rules:\n  r: { from: cam, to: { on: nvr, protocol: udp, port: 5000 }, limits: { connections: 2 per day } }\n',
      ),
    );
    const [four, five, six] = [udp(), udp(), udp()];
    expect(await passes(four, five, six, four)).toEqual([true, true, false, true]);
  });

  it('counts a TCP connection until both ends closed it, or one broke it off', async () => {
    install(
      compiled(
        'rules:\n  r: { from: cam, to: { on: nvr, protocol: tcp, port: 5000 }, limits: { connections: 1 open } }\n',
      ),
    );
    const [SYN, RST, ACK, FIN] = [2, 4, 16, 17];
    const tcp = (): PacketSketch => udp({ protocol: 6, flags: SYN, sequence: 100, payload: new Uint8Array(0) });
    const at = { sequence: 101, acknowledged: 501 };
    const other = { sequence: 501, acknowledged: 101 };
    const shake = async (one: PacketSketch) =>
      passes(one, back(one, { flags: SYN | ACK, sequence: 500, acknowledged: 101 }), { ...one, ...at, flags: ACK });
    const [first, second, third, fourth] = [tcp(), tcp(), tcp(), tcp()];
    expect(await shake(first)).toEqual([true, true, true]);
    expect(await passes({ ...first, ...at, flags: FIN }, second)).toEqual([true, false]);
    const both = { ...first, sequence: 102, acknowledged: 502, flags: ACK };
    expect(await passes(back(first, { ...other, acknowledged: 102, flags: FIN }), both)).toEqual([true, true]);
    await sleep(COUNT_SWEEP_MILLIS);
    expect(await shake(second)).toEqual([true, true, true]);
    expect(await passes(third, back(second, { ...other, flags: RST }))).toEqual([false, true]);
    await sleep(COUNT_SWEEP_MILLIS);
    expect(await shake(third)).toEqual([true, true, true]);
    expect(await passes(fourth)).toEqual([false]);
  });

  it('lets an end know that its packets are too large for the path, and nobody else tell it anything', async () => {
    install(compiled('rules:\n  r: { from: cam, to: { on: nvr, protocol: udp, port: 5000 } }\n'));
    const [four, six] = [udp(), udp({ from: 'fd00:1::2', to: 'fd00:2::2' })];
    expect(await passes(four, six)).toEqual([true, true]);
    const tooBig = (inner: PacketSketch, kind: number, code = 0) => ({
      from: inner.from.includes(':') ? 'fd00:2::77' : '10.0.2.77',
      to: inner.from,
      protocol: inner.from.includes(':') ? 58 : 1,
      icmpKind: kind,
      icmpCode: code,
      payload: packetOf(inner),
      side: 'b' as const,
    });
    expect(await passes(tooBig(four, 3, 4), tooBig(six, 2))).toEqual([true, true]);
    // Another error, and one for a packet that was never sent.
    expect(await passes(tooBig(four, 3, 1), tooBig(six, 1), tooBig(udp(), 3, 4))).toEqual([false, false, false]);
    install(compiled('rules:\n  r: { from: cam, to: { on: nvr, protocol: udp, port: 5001 } }\n'));
    expect(await passes(tooBig(four, 3, 4), tooBig(six, 2))).toEqual([false, false]);
  });

  it('drops and counts what comes from outside in the name of the machine itself', async () => {
    install(
      compiled(
        'rules:\n  r: { from: any, to: { on: nvr, protocol: udp, port: 5000 } }\n  s: { from: any, to: { on: cam, protocol: udp, port: 5000 } }\n',
      ),
    );
    const six = udp({ from: 'fd00:1::77', to: 'fd00:2::2' });
    const own = udp({ from: 'fd00:ff1::1', to: 'fd00:2::2' });
    const [other, forged] = await fates(six, own);
    expect([other?.passed, forged?.passed, forged?.back]).toEqual([true, false, []]);
    expect(site.inGateway('nft', 'list', 'set', 'inet', 'picket', 'denied6')).toMatch(/0x90000000 \. fd00:ff1::1/);
  });

  it('closes hours by itself, established flows too', async () => {
    const rules =
      'rules:\n  r: { from: cam, to: { on: nvr, protocol: udp, port: 5000 }, limits: { hours: Mon-Sun 08:00-12:00 } }\n';
    // Time enough for a busy machine to load the table and send two packets.
    const before = NOON - 4_000_000;
    install(compiled(rules, before), before);
    const one = udp();
    expect(await passes(one, back(one))).toEqual([true, true]);
    await expect.poll(() => passes(one), { timeout: 10_000 }).toEqual([false]);
    expect(await passes(one, back(one), udp())).toEqual([false, false, false]);
  });

  it('holds first bytes', async () => {
    install(compiled('rules:\n  r: { from: cam, to: { on: nvr, protocol: tcp, port: 443, application: tls } }\n'));
    const hello = new Uint8Array([22, 3, 1, 0, 8, 1, 0, 0, 4, 3, 3, 0, 0]);
    for (const [payload, isPermitted] of [
      [hello, true],
      [hello.slice(0, 1), false],
      [new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'), false],
    ] as const) {
      const open = udp({ protocol: 6, destinationPort: 443, payload: new Uint8Array(0), flags: 2, sequence: 100 });
      const answer = back(open, { flags: 18, sequence: 900, acknowledged: 101 });
      const ack = { ...open, flags: 16, sequence: 101, acknowledged: 901 };
      const data = { ...ack, flags: 24, payload };
      expect(await passes(open, answer, ack, data)).toEqual([true, true, true, isPermitted]);
    }
  });

  it('takes bytes for the first only where they stand first', async () => {
    install(compiled('rules:\n  r: { from: cam, to: { on: nvr, protocol: tcp, port: 443, application: tls } }\n'));
    const open = udp({ protocol: 6, destinationPort: 443, payload: new Uint8Array(0), flags: 2, sequence: 100 });
    const answer = back(open, { flags: 18, sequence: 900, acknowledged: 101 });
    const hello = new Uint8Array([22, 3, 1, 0, 8, 1, 0, 0, 4, 3, 3, 0, 0]);
    const early = { ...open, flags: 24, sequence: 141, acknowledged: 901, payload: hello };
    const hidden = { ...early, sequence: 101, payload: new TextEncoder().encode('GET / HTTP/1.1') };
    const first = { ...early, sequence: 101 };
    expect(await passes(open, answer, early, hidden, first, { ...early, payload: new Uint8Array(9) })).toEqual([
      true,
      true,
      false,
      false,
      true,
      true,
    ]);
  });

  it('clamps the segment size of TCP', async () => {
    install(
      compiled('rules:\n  r: { from: cam, to: { on: nvr, protocol: tcp, port: 443 }, limits: { size: <= 600 B } }\n'),
    );
    const options = new Uint8Array([2, 4, 5, 180]);
    for (const [from, to, mss] of [
      ['10.0.1.2', '10.0.2.2', '02040230'],
      ['fd00:1::2', 'fd00:2::2', '0204021c'],
    ] as const) {
      const [fate] = await fates({
        from,
        to,
        protocol: 6,
        sourcePort: nextPort(),
        destinationPort: 443,
        flags: 2,
        options,
      });
      expect(fate?.out[0]?.slice(-8)).toBe(mss);
    }
  });

  it('lets a lifetime end, and only a new conversation begins anew', async () => {
    install(
      compiled('rules:\n  r: { from: cam, to: { on: nvr, protocol: udp, port: 5000 }, limits: { lifetime: 1 s } }\n'),
    );
    const one = udp();
    expect(await passes(one, back(one))).toEqual([true, true]);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await passes(one, back(one), udp())).toEqual([false, false, true]);
  });

  it('cuts both ways when a rule goes, and tells TCP', async () => {
    const before = compiled(
      'rules:\n  r: { from: cam, to: { on: nvr, protocol: tcp, port: 80 } }\n  s: { from: cam, to: { on: nvr, protocol: udp, port: 5000 } }\n',
    );
    install(before);
    const open = udp({ protocol: 6, destinationPort: 80, payload: new Uint8Array(0), flags: 2, sequence: 100 });
    const answer = back(open, { flags: 18, sequence: 900, acknowledged: 101 });
    const ack = { ...open, flags: 16, sequence: 101, acknowledged: 901 };
    const kept = udp();
    expect(await passes(open, answer, ack, kept, back(kept))).toEqual([true, true, true, true, true]);
    const after = compiled('rules:\n  s: { from: cam, to: { on: nvr, protocol: udp, port: 5000 } }\n');
    site.load(
      differenceCommands({ before: before.content, after: after.content }, NOON)
        .map(({ nft }) => nft)
        .join('\n'),
    );
    const [cut, cutBack] = await fates(ack, back(ack, { flags: 16, sequence: 901, acknowledged: 101 }));
    expect([cut?.passed, cutBack?.passed, cut?.back.length]).toEqual([false, false, 1]);
    expect(await passes(kept, back(kept))).toEqual([true, true]);
  });

  it('puts guardrails first and quarantine before rules', async () => {
    install(
      compiled(
        'rules:\n  r: { from: any, to: { on: any, protocol: udp } }\nnever:\n  home: { from: role=camera, to: internet }\n',
      ),
    );
    expect(await passes(udp(), udp({ to: '8.8.8.8' }), udp({ from: '10.0.1.7', to: '8.8.8.8' }))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('records, and does not hold, where both ends only observe, and what a rule only audits', async () => {
    install(
      compiled(
        'rules:\n  r: { from: cam, to: { on: nvr, protocol: udp, port: 5000 }, mode: audit, limits: { size: <= 100 B } }\n',
      ),
    );
    expect(await passes(udp({ from: '10.0.1.9', to: '10.0.2.9' }), udp({ from: '10.0.1.9' }))).toEqual([true, false]);
    expect(await passes(udp({ payload: sized(200) }))).toEqual([true]);
    expect(site.inGateway('nft', 'list', 'set', 'inet', 'picket', 'denied4')).toContain('5000');
  });

  it.each([
    'volume: <= 9000 TB per day',
    'volume: <= 1 B per 3 s rolling',
    'rate: 9000 Gbit/s',
    'rate: 1 B/s burst 9000 TB',
    'rate: 1 B/s burst 1 B',
    'rate: 900000000 packets/s burst 4000000000',
    'rate: 0.00002 packets/s burst 1',
    'connections: 100000000000 open',
    'connections: 30000 per day',
    'connections: 30001 per day',
    'connections: 1 per month',
    'lifetime: 3600 d',
    'size: 0 B - 65535 B',
    'hours: Mon-Sun 00:00-24:00',
  ])('loads the edge of what a policy may say: %s', (limit) => {
    install(compiled(`rules:\n  r: { from: cam, to: { on: nvr, protocol: udp, port: 5000 }, limits: { ${limit} } }\n`));
  });
});
