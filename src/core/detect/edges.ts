// New edges: two ends of the house that never talked while it was learned, and now do. Denied attempts are verdicts, not edges.

import type { Instant } from '#model';
import { EDGES_MAX, EDGES_PER_END_MAX } from './bounds.ts';
import type { Cases } from './cases.ts';
import type { Contact } from './contacts.ts';
import type { End } from './ends.ts';
import { givesControl, serviceText } from './services.ts';

export class Edges {
  readonly #cases: Cases;
  readonly #byInitiator = new Map<string, Set<string>>();
  #size = 0;
  /** Edges that were not judged because a table was full. */
  unjudged = 0;

  constructor(cases: Cases, known: readonly (readonly [string, readonly string[]])[]) {
    this.#cases = cases;
    for (const [initiator, responders] of known) for (const responder of responders) this.#add(initiator, responder);
  }

  /** An answered contact of two ends of the house. */
  meet(
    contact: Contact,
    { from, to, isLearning }: { readonly from: End; readonly to: End; readonly isLearning: boolean },
  ): void {
    if (!from.isInside || !to.isInside || from.name === to.name) return;
    if (this.#byInitiator.get(from.name)?.has(to.name) === true) return;
    const isRoomLeft = this.#add(from.name, to.name);
    if (isLearning) return;
    if (isRoomLeft) this.#tell(contact, from, to);
    else this.unjudged++;
  }

  /** All edges, to be remembered over a restart. */
  remember(): readonly (readonly [string, readonly string[]])[] {
    return [...this.#byInitiator].map(([initiator, responders]) => [initiator, [...responders]] as const);
  }

  #tell({ at, protocol, port }: Contact, from: End, to: End): void {
    const known = (this.#byInitiator.get(from.name)?.size ?? 1) - 1;
    const isControl = givesControl(port);
    const power = isControl ? ', a service that gives control of a host' : '';
    this.#cases.see(seenOf(from, isControl, at), (count) => ({
      address: from.text,
      element: from.element,
      evidence:
        `${from.name} talked with ${to.name} for the first time (${serviceText(protocol, port)}${power}); ` +
        `it is the ${ordinal(count)} such end in this case, and it had ${known} before`,
      severity: isControl ? 'alarm' : 'note',
      isWorthQuarantine: false,
    }));
  }

  #add(initiator: string, responder: string): boolean {
    let responders = this.#byInitiator.get(initiator);
    if (responders === undefined) {
      responders = new Set();
      if (this.#size >= EDGES_MAX) return false;
      this.#byInitiator.set(initiator, responders);
    }
    if (this.#size >= EDGES_MAX || responders.size >= EDGES_PER_END_MAX) return false;
    if (!responders.has(responder)) this.#size++;
    responders.add(responder);
    return true;
  }
}

/** Control services have a case of their own, so that an alarm is not hidden behind a note. */
function seenOf(from: End, isControl: boolean, at: Instant): Parameters<Cases['see']>[0] {
  const seen = { kind: 'new-edge', subject: from.name, at } as const;
  return isControl ? { ...seen, variant: 'control' } : seen;
}

function ordinal(count: number): string {
  const tail = count % 100 >= 11 && count % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th');
  return `${count}${tail}`;
}
