// One meaning: random policies and random packets through the real kernel, whose verdict has to be the engine's, packet by packet.
// PICKET_SEED sets the first seed, PICKET_KERNEL_CASES the number of judged packets.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gateway } from '#enforce';
import { Engine } from '#engine';
import {
  AddressTable,
  HOUR,
  type Instant,
  MINUTE,
  NO_MAC,
  newObservation,
  newVerdict,
  type Policy,
  parsePrefix,
  prefixText,
  reasonsOf,
} from '#model';
import { type Random, randomOf } from '../conformance/random.ts';
import { conversation, type Step } from './conversation.testing.ts';
import { Host } from './host.testing.ts';
import { ELEMENTS, kernelPolicy, MACS, NAMES, NEIGHBOURS } from './random.testing.ts';
import { missingKernel, Site } from './site.testing.ts';

const CASES = Number(process.env.PICKET_KERNEL_CASES ?? 2_000);
const SEED = Number(process.env.PICKET_SEED ?? Date.now() % 1_000_000_000);
const LIMIT_MS = 580_000;
const CONVERSATIONS = 12;
const missing = missingKernel();

describe.skipIf(missing !== '')(`kernel and engine${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new Site();
  const host = new Host(site);
  let gateway: Gateway | null = null;
  beforeAll(() => {
    site.open();
    host.open();
  }, 60_000);
  afterAll(() => {
    gateway?.close();
    host.close();
    site.close();
  });

  it(
    `answer ${CASES} random packets alike`,
    async () => {
      console.log(`seed ${SEED}`);
      const seen = new Map<string, number>();
      let cases = 0;
      for (let seed = SEED; cases < CASES; seed++) cases += await story(seed, seen);
      console.log(
        `${cases} packets\n${[...seen]
          .sort()
          .map(([what, count]) => `${what}: ${count}`)
          .join('\n')}`,
      );
      expect(Math.min(...['permit', 'no-rule'].map((what) => seen.get(what) ?? 0))).toBeGreaterThan(CASES / 100);
    },
    LIMIT_MS,
  );

  async function story(seed: number, seen: Map<string, number>): Promise<number> {
    const random = randomOf(seed);
    const policy = kernelPolicy(random);
    await begin(policy);
    const engine = new Engine({ policy, addresses, start: nowMicros() });
    const talked = new Set<string>();
    const declared = declaredBy(policy);
    let cases = 0;
    for (let at = 0; at < CONVERSATIONS; at++) {
      const steps = conversation(random, talked);
      if (random.chance(0.3)) await logon(random, engine);
      if (random.chance(0.4)) await bind(engine, steps[0], random.pick(NAMES));
      for (const [place, step] of steps.entries()) {
        if (random.chance(0.05)) await logon(random, engine);
        cases++;
        const passed = await sent(step);
        const said = judgedBy(engine, step, declared);
        seen.set(said.text, (seen.get(said.text) ?? 0) + 1);
        if (passed !== said.isPermitted)
          fail({ seed, policy, steps: steps.slice(0, place + 1), kernel: passed, engine: said.text });
        if (!said.isPermitted && step.isNeeded) break;
      }
    }
    return cases;
  }

  /** A gateway of its own for each story: an earlier one still knows the names that it was told. */
  async function begin(policy: Policy): Promise<void> {
    await gateway?.down();
    gateway?.close();
    const inside = ['ip', 'netns', 'exec', site.gateway];
    gateway = new Gateway({
      nft: [...inside, 'nft'],
      ip: [...inside, 'ip'],
      connections: [...inside, 'cat', '/proc/net/nf_conntrack'],
      conntrack: [...inside, 'conntrack'],
      now: nowMicros,
    });
    await gateway.setNeighbours(NEIGHBOURS);
    await gateway.up(policy);
  }

  async function sent({ side, other, packet }: Step): Promise<boolean> {
    if (side === 'host') return other !== 'host' && host.outOf(other, packet);
    if (other === 'host') return host.into(side, packet);
    const [fate] = await site.send([{ side, packet }]);
    return fate?.passed === true;
  }

  /** An element logs on, some time ago, or off; sessions that are open meanwhile live or are cut by it. */
  async function logon(random: Random, engine: Engine): Promise<void> {
    const element = `e${random.whole(0, ELEMENTS - 1)}`;
    const factor = random.pick(['person', 'device'] as const);
    const now = nowMicros();
    const at = random.chance(0.7) ? now - random.pick([0, 30 * MINUTE, 2 * HOUR]) : null;
    if (at === null) await gateway?.revoke(element, [factor]);
    else await gateway?.grant({ element, factors: [factor], at });
    engine.setLogon({ element, factor, at }, now);
  }

  /** Both ends of a conversation were told that the other one has this name; only answers for the internet count. */
  async function bind(engine: Engine, step: Step | undefined, name: string): Promise<void> {
    if (step === undefined) return;
    const { from, to } = step.sketch;
    engine.bindName({
      client: addresses.intern(from),
      server: addresses.intern(to),
      name,
      at: nowMicros(),
      ttlSeconds: 60,
    });
    await gateway?.bindName({ client: from, server: to, name, ttlSeconds: 60 });
  }
});

const addresses = new AddressTable();
const verdict = newVerdict();
const observation = newObservation();

/** Addresses that an element declares as its own: at these the table takes no MAC's word, so the engine is shown none either. */
function declaredBy({ elements }: Policy): ReadonlySet<string> {
  return new Set(elements.flatMap((one) => one.addresses.filter(({ length }) => length === 128).map(prefixText)));
}

function judgedBy(
  engine: Engine,
  { sketch, packet, application }: Step,
  declared: ReadonlySet<string>,
): { isPermitted: boolean; text: string } {
  const macOf = (address: string): number => {
    const prefix = parsePrefix(address);
    return prefix !== null && declared.has(prefixText(prefix)) ? NO_MAC : (MACS.get(address) ?? NO_MAC);
  };
  observation.at = nowMicros();
  observation.source = addresses.intern(sketch.from);
  observation.destination = addresses.intern(sketch.to);
  observation.sourceMac = macOf(sketch.from);
  observation.destinationMac = macOf(sketch.to);
  observation.protocol = sketch.protocol;
  observation.sourcePort = sketch.sourcePort ?? -1;
  observation.destinationPort = sketch.destinationPort ?? -1;
  observation.bytes = packet.length;
  observation.packetSize = packet.length;
  observation.tcpFlags = sketch.flags ?? -1;
  observation.application = application;
  engine.judge(observation, verdict);
  const isPermitted = verdict.reasons === 0 || !verdict.isEnforced;
  const [reason] = reasonsOf(verdict.reasons);
  return { isPermitted, text: reason === undefined ? 'permit' : `${reason}${verdict.isEnforced ? '' : ' (recorded)'}` };
}

function nowMicros(): Instant {
  return Date.now() * 1_000;
}

function fail(found: { seed: number; policy: Policy; steps: readonly Step[]; kernel: boolean; engine: string }): never {
  const steps = found.steps.map(({ side, sketch, application, packet }) => ({
    side,
    bytes: packet.length,
    application,
    ...sketch,
    payload: undefined,
    options: undefined,
  }));
  const text = JSON.stringify(
    { policy: found.policy, steps },
    (_key, value) => (value instanceof Uint8Array ? [...value].join('.') : value),
    1,
  );
  expect.fail(
    `PICKET_SEED=${found.seed}: kernel ${found.kernel ? 'permits' : 'denies'}, engine ${found.engine}\n${text}`,
  );
}
