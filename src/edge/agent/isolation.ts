// Puts elements in quarantine and lets them out: written down, then in the kernel, then in the live engine. Who is in is kept by quarantines.ts.

import type { Finding } from '#detect';
import { SECOND } from '#model';
import { knownElement } from './drafts.ts';
import type { Parts } from './parts.ts';
import { type Quarantine, withIsolation } from './quarantines.ts';
import { AgentError } from './trouble.ts';

/** Elements in quarantine by findings at once: whoever forges sources must not be able to take a whole site off its network. */
const AUTOMATIC_MAX = 16;
const BY_FINDING = 'picket';

export interface QuarantineRequest {
  readonly element: string;
  readonly seconds: number | null;
  readonly reason: string;
  readonly by: string;
  readonly isForced: boolean;
  readonly isRemote?: boolean;
}

export async function quarantine(parts: Parts, request: QuarantineRequest): Promise<void> {
  const { desk, settled } = parts;
  const { element, seconds, reason, by, isForced, isRemote = false } = request;
  if (knownElement(desk.inForce.policy, element).isSafetyCritical && !isForced)
    throw new AgentError({
      code: 'PICKET-G031',
      message: `"${element}" is marked safety-critical; nothing was changed`,
      help: 'somebody may depend on it: if it has to be, say so with --force',
    });
  const since = settled.now();
  const until = seconds === null ? null : since + seconds * SECOND;
  const row: Quarantine = { element, since, until, reason, by, ...(isRemote ? { isRemote } : {}) };
  parts.quarantines.put(row);
  settled.onStep('quarantine-written');
  try {
    await parts.table.apply(desk.inForce.policy, parts.quarantines.elements);
  } catch (error) {
    parts.quarantines.remove([element]);
    throw error;
  }
  parts.monitor.apply(withIsolation(desk.inForce.policy, parts.quarantines.elements), since);
  parts.monitor.setQuarantine(element, true, since);
  settled.log(`quarantined element=${element} by=${by}`);
}

/** INVARIANT: the kernel lets an element out before it is written down, so a crash in between keeps it in. */
export async function release(parts: Parts, elements: readonly string[]): Promise<void> {
  const { desk, settled, quarantines } = parts;
  const left = new Set([...quarantines.elements].filter((element) => !elements.includes(element)));
  await parts.table.apply(desk.inForce.policy, left);
  settled.onStep('released-in-kernel');
  quarantines.remove(elements);
  parts.monitor.apply(withIsolation(desk.inForce.policy, left), settled.now());
  for (const element of elements) parts.monitor.setQuarantine(element, false, settled.now());
  settled.log(`released elements=${elements.join(',')}`);
}

/** Quarantines by a finding, where that is wanted and allowed; says what was done, or null. */
export async function answerFinding(parts: Parts, finding: Finding): Promise<string | null> {
  const { settled, desk, quarantines, host, monitor } = parts;
  const { quarantineSeconds: seconds } = settled;
  const { element } = finding;
  if (seconds === null || !finding.isWorthQuarantine || element === null || quarantines.has(element)) return null;
  const found = desk.inForce.policy.elements.find(({ id }) => id === element);
  if (found === undefined) return null;
  if (found.isSafetyCritical) return 'not quarantined: safety-critical';
  if (host.addresses.some((address) => monitor.ends.elementOf(address) === element))
    return 'not quarantined: this host';
  if (quarantines.rows.filter(({ by }) => by === BY_FINDING).length >= AUTOMATIC_MAX)
    return `not quarantined: ${AUTOMATIC_MAX} are already`;
  const reason = `${finding.kind}: ${finding.evidence}`;
  await quarantine(parts, { element, seconds, reason, by: BY_FINDING, isForced: false });
  return `quarantined for ${seconds} s`;
}
