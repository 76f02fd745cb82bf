// Connections that tickets opened, as far as packets tell: the engine knows logons and no tickets, so its denial of them for want of one is no
// denial. Not the opening: the kernel does that, and whatever it refuses it tells itself.

import { type AddressId, type Instant, type Observation, type Policy, reasonBit, type Verdict } from '#model';

/** As many as the kernel's table holds at once; of further ones the oldest is forgotten, and what it opened is recorded as denied. */
const TICKETS_MAX = 4_096;
const NOT_LOGGED_ON = reasonBit('not-logged-on');
/** What only packets tell stays denied, whatever opened the connection. */
const WATCHED = reasonBit('wrong-application') | reasonBit('wrong-operation');

export interface TicketGiven {
  /** Element's id. */
  readonly from: string;
  /** Id of a service, or of a rule. */
  readonly service: string;
  readonly opensUntil: Instant;
  /** When the connection ends at the latest. */
  readonly endsAt: Instant;
}

/** A conversation, from whoever began it. */
export interface Conversation {
  readonly initiator: AddressId;
  readonly responder: AddressId;
  readonly initiatorPort: number;
  readonly responderPort: number;
  readonly protocol: number;
}

export class Ticketed {
  #given: readonly TicketGiven[] = [];
  /** When each conversation ends at the latest. */
  readonly #opened = new Map<string, Instant>();

  give(ticket: TicketGiven): void {
    this.#given = [...this.#given, ticket].slice(-TICKETS_MAX);
  }

  ended(conversation: Conversation): void {
    this.#opened.delete(keyOf(conversation));
  }

  /** Makes a permit of a verdict that denies a packet of such a connection. */
  judge(packet: Observation, verdict: Verdict, policy: Policy): void {
    if (verdict.reasons === 0 || (verdict.reasons & WATCHED) !== 0) return;
    if (this.#given.length + this.#opened.size === 0) return;
    const [out, back] = [keyOf(waysOf(packet, true)), keyOf(waysOf(packet, false))];
    const key = this.#opened.has(back) ? back : out;
    const until = this.#opened.get(key);
    if (until !== undefined && packet.at < until) permit(verdict, { isFromInitiator: key === out, isOpening: false });
    else if (until !== undefined) this.#opened.delete(key);
    else if (this.#redeems(packet, verdict, policy)) permit(verdict, { isFromInitiator: true, isOpening: true });
  }

  #redeems(packet: Observation, verdict: Verdict, policy: Policy): boolean {
    if (verdict.reasons !== NOT_LOGGED_ON || !verdict.isEnforced || !verdict.isFromInitiator) return false;
    this.#given = this.#given.filter(({ opensUntil }) => opensUntil > packet.at);
    const from = policy.elements[verdict.initiator]?.id;
    const names = namesFor(packet, policy.rules[verdict.rule]);
    const ticket = this.#given.findLast((one) => one.from === from && names.has(one.service));
    if (ticket === undefined) return false;
    this.#given = this.#given.filter((one) => one !== ticket);
    this.#opened.set(keyOf(waysOf(packet, true)), ticket.endsAt);
    const [first] = this.#opened.keys();
    if (this.#opened.size > TICKETS_MAX && first !== undefined) this.#opened.delete(first);
    return true;
  }
}

function waysOf(
  { source, destination, sourcePort, destinationPort, protocol }: Observation,
  isForward: boolean,
): Conversation {
  const [here, there] = [
    { address: source, port: sourcePort },
    { address: destination, port: destinationPort },
  ];
  const [initiator, responder] = isForward ? [here, there] : [there, here];
  return {
    initiator: initiator.address,
    responder: responder.address,
    initiatorPort: initiator.port,
    responderPort: responder.port,
    protocol,
  };
}

function keyOf({ initiator, responder, initiatorPort, responderPort, protocol }: Conversation): string {
  return `${protocol} ${initiator} ${initiatorPort} ${responder} ${responderPort}`;
}

/** What a ticket for this packet may name: the rule, or the service of it that the packet asks for. */
function namesFor({ protocol, destinationPort }: Observation, rule: Policy['rules'][number] | undefined) {
  const services = (rule?.to ?? []).filter(
    (one) =>
      (one.protocol === null || one.protocol === protocol) &&
      (one.ports.length === 0 || one.ports.some(({ from, to }) => destinationPort >= from && destinationPort <= to)),
  );
  return new Set([rule?.id, ...services.map(({ id }) => id)]);
}

function permit(verdict: Verdict, how: Pick<Verdict, 'isFromInitiator' | 'isOpening'>): void {
  verdict.reasons = 0;
  verdict.isEnforced = false;
  verdict.isFromInitiator = how.isFromInitiator;
  verdict.isOpening = how.isOpening;
}
