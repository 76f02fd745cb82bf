// What a changed policy would make of the conversations begun since the start: judged by two engines of their own, the old policy's and the new one's.
// Not the live engine: nothing is opened or charged there.

import { Engine } from '#engine';
import {
  type AddressTable,
  type Instant,
  instantText,
  type LogonChange,
  newVerdict,
  type Policy,
  reasonsOf,
  type Verdict,
} from '#model';
import type { PlannedDenial, PlanView } from './api.ts';
import type { Ends } from './ends.ts';
import type { Binding, Opening, Openings } from './openings.ts';
import { protocolText } from './words.ts';

/** Denials told one by one; all are counted. */
const DENIALS_MAX = 200;

export interface Rehearsal {
  readonly before: Policy;
  readonly after: Policy;
  readonly openings: Openings;
  readonly addresses: AddressTable;
  readonly ends: Ends;
  readonly quarantined: readonly string[];
  readonly logons: readonly LogonChange[];
}

export function rehearse(rehearsal: Rehearsal): PlanView {
  const { openings } = rehearsal;
  const before = judgeAll(rehearsal, rehearsal.before);
  const after = judgeAll(rehearsal, rehearsal.after);
  const denied: PlannedDenial[] = [];
  const plan = { openings: 0, deniedOpenings: 0, permittedOpenings: 0 };
  for (const row of openings.rows) {
    const was = before.get(row);
    const is = after.get(row);
    plan.openings += row.count;
    if (is?.isDenied === true && was?.isDenied !== true) {
      plan.deniedOpenings += row.count;
      denied.push(denialOf(rehearsal, row, is));
    }
    if (was?.isDenied === true && is?.isDenied !== true) plan.permittedOpenings += row.count;
  }
  denied.sort((one, other) => other.openings - one.openings);
  return { since: instantText(openings.since), ...plan, isCut: openings.isCut, denied: denied.slice(0, DENIALS_MAX) };
}

interface Outcome {
  readonly isDenied: boolean;
  readonly reasons: number;
  readonly rule: string | null;
}

/** Outcome of each opening; names are bound and people logged on as it was told. */
function judgeAll(rehearsal: Rehearsal, policy: Policy): ReadonlyMap<Opening, Outcome> {
  const { openings, addresses, logons } = rehearsal;
  const engine = new Engine({ policy, addresses, start: openings.since });
  for (const id of rehearsal.quarantined) engine.setQuarantine(id, true, openings.since);
  const verdict = newVerdict();
  const outcomes = new Map<Opening, Outcome>();
  for (const one of inOrder(openings, logons)) {
    if ('observation' in one) outcomes.set(one, judge(engine, one, verdict));
    else if ('client' in one) engine.bindName(one);
    else engine.setLogon(one, one.at ?? openings.since);
  }
  return outcomes;
}

function judge(engine: Engine, { observation }: Opening, verdict: Verdict): Outcome {
  engine.check(observation, verdict);
  return {
    isDenied: verdict.reasons !== 0 && verdict.isEnforced,
    reasons: verdict.reasons,
    rule: engine.ruleId(verdict.rule),
  };
}

type Told = Opening | Binding | LogonChange;

/** By time; of the same instant, openings go last. */
function inOrder(openings: Openings, logons: readonly LogonChange[]): readonly Told[] {
  const at = (one: Told): Instant => ('observation' in one ? one.observation.at : (one.at ?? openings.since));
  return [...openings.bindings, ...logons, ...openings.rows].sort((one, other) => at(one) - at(other));
}

function denialOf({ ends }: Rehearsal, { observation, count }: Opening, { reasons, rule }: Outcome): PlannedDenial {
  const { source, destination, sourceMac, destinationMac, protocol, destinationPort, at } = observation;
  return {
    from: ends.elementOf(source, sourceMac) ?? ends.text(source),
    to: ends.elementOf(destination, destinationMac) ?? ends.nameOf(destination) ?? ends.text(destination),
    protocol: protocolText(protocol),
    port: destinationPort,
    reason: reasonsOf(reasons)[0] ?? 'no-rule',
    rule,
    openings: count,
    lastSeen: instantText(at),
  };
}
