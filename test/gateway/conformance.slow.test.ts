// One meaning: random policies and random packets through the real kernel, whose verdict has to be the engine's, packet by packet.
// PICKET_SEED sets the first seed, PICKET_KERNEL_CASES the number of judged packets.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Compiled, compileTable, numberBook, tableFile } from '#enforce';
import { Engine } from '#engine';
import { AddressTable, type Instant, newObservation, newVerdict, type Policy, reasonsOf } from '#model';
import { randomOf } from '../conformance/random.ts';
import { conversation, type Step } from './conversation.testing.ts';
import { Host } from './host.testing.ts';
import { kernelPolicy } from './random.testing.ts';
import { missingKernel, Site } from './site.testing.ts';

const CASES = Number(process.env.PICKET_KERNEL_CASES ?? 2_000);
const SEED = Number(process.env.PICKET_SEED ?? Date.now() % 1_000_000_000);
const LIMIT_MS = 580_000;
const CONVERSATIONS = 12;
const missing = missingKernel();
/** One book for the run: no flow that conntrack remembers may meet its number again. */
const book = numberBook();

describe.skipIf(missing !== '')(`kernel and engine${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new Site();
  const host = new Host(site);
  beforeAll(() => {
    site.open();
    host.open();
  }, 60_000);
  afterAll(() => {
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
    const now = nowMicros();
    install(compileTable(policy, { book, now }), now);
    const engine = new Engine({ policy, addresses, start: now });
    const talked = new Set<string>();
    let cases = 0;
    for (let at = 0; at < CONVERSATIONS; at++) {
      const steps = conversation(random, talked);
      for (const [place, step] of steps.entries()) {
        cases++;
        const passed = await sent(step);
        const said = judgedBy(engine, step);
        seen.set(said.text, (seen.get(said.text) ?? 0) + 1);
        if (passed !== said.isPermitted)
          fail({ seed, policy, steps: steps.slice(0, place + 1), kernel: passed, engine: said.text });
        if (!said.isPermitted && step.isNeeded) break;
      }
    }
    return cases;
  }

  async function sent({ side, other, packet }: Step): Promise<boolean> {
    if (side === 'host') return other !== 'host' && host.outOf(other, packet);
    if (other === 'host') return host.into(side, packet);
    const [fate] = await site.send([{ side, packet }]);
    return fate?.passed === true;
  }

  function install(made: Compiled, now: Instant): void {
    if (made.kind === 'refused') throw new Error(made.problem.message);
    site.load(tableFile(made.content, now));
  }
});

const addresses = new AddressTable();
const verdict = newVerdict();
const observation = newObservation();

function judgedBy(engine: Engine, { sketch, packet, application }: Step): { isPermitted: boolean; text: string } {
  observation.at = nowMicros();
  observation.source = addresses.intern(sketch.from);
  observation.destination = addresses.intern(sketch.to);
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
