// What is told of live traffic beside packets and names: flows, verdicts, neighbours, losses, and what may go wrong. Types only.

import type { AddressId, Instant, Mac, NameFact, TrafficSink } from '#model';

/** State of a TCP flow as the kernel follows it; '' for other protocols. */
export type TcpState =
  | ''
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  | 'fin-wait'
  | 'close-wait'
  | 'last-ack'
  | 'time-wait'
  | 'closed';

/**
 * One flow as the kernel's connection tracking knows it. Reused: copy what must outlive the call.
 * The ends are the true ones: behind address translation the initiator's own address and that of whom it reached.
 */
export interface FlowEvent {
  /**
   * `began`: a new one. `progressed`: its state or mark changed, or a listing counted it; that may be the
   * first that is told of a flow. `ended`: over, with its last counts; told when the
   * kernel forgets it, which for UDP is its time-out after the last packet.
   */
  kind: 'began' | 'progressed' | 'ended';
  at: Instant;
  /** The kernel's number of the flow, the same from `began` to `ended`; it may be given again after that. */
  id: number;
  protocol: number;
  initiator: AddressId;
  responder: AddressId;
  /** Of TCP, UDP and SCTP, else -1. */
  initiatorPort: number;
  responderPort: number;
  /** Whether addresses or ports are changed on the way (NAT). */
  isTranslated: boolean;
  /** The connection mark: what admitted it, in Picket's table. 0 where there is none. */
  mark: number;
  tcpState: TcpState;
  /** Whether the responder answered. */
  isAnswered: boolean;
  /** Packets and bytes (IP total length) from the initiator and back; -1 where the kernel does not tell: it does in listings and at the end, when it counts. */
  packetsOut: number;
  bytesOut: number;
  packetsBack: number;
  bytesBack: number;
  /** How long it lasted, in whole seconds as the kernel tells it, or -1. */
  lastedSeconds: number;
}

/** One packet that a rule of the kernel's table logged: what it was and why. Reused. */
export interface VerdictRecord {
  at: Instant;
  /** The packet's mark: the reason in the four highest bits, the rule's number below. */
  mark: number;
  /** Text that the rule gave, at most 64 characters. */
  prefix: string;
  /** Names of the interfaces, '' where there is none or its name is not known. */
  inInterface: string;
  outInterface: string;
  sourceMac: Mac;
  source: AddressId;
  destination: AddressId;
  protocol: number;
  sourcePort: number;
  destinationPort: number;
  tcpFlags: number;
  /** IP total length. */
  bytes: number;
}

/** How a neighbour was seen. Each is a claim of the device: anybody on its network can make it. */
export type NeighbourOrigin = 'arp' | 'ndp' | 'dhcp';

/** A MAC and an address that were seen together on one interface, or a DHCP client's names. */
export interface Neighbour {
  readonly at: Instant;
  readonly origin: NeighbourOrigin;
  readonly mac: Mac;
  /** -1 where only names were told (a DHCP request). */
  readonly address: AddressId;
  /** Name of the interface, '' where not known. */
  readonly interface: string;
  /** As the device says, or ''. */
  readonly hostName: string;
  readonly vendorClass: string;
}

/** Where observed facts go. Names come before the packet that carried them. */
export interface ObserverSink extends TrafficSink {
  flow(event: FlowEvent): void;
  verdict(record: VerdictRecord): void;
  neighbour(fact: Neighbour): void;
  /** An answer of DNS that the kernel passed to its client; where a table shows those, `name` tells none. */
  answer?(fact: NameFact): void;
  /**
   * A listing told every flow that there is, each as `progressed`. A flow that had begun before the listing before this one, and was told in
   * neither, is over although its end was lost.
   */
  listed?(at: Instant): void;
}

/** What was not seen, since start. All zero: every packet, flow and verdict was told. */
export interface Losses {
  /** Packets that the kernel dropped because nobody read them in time. */
  readonly packets: number;
  /** Questions and answers of DNS that the kernel could not deliver, where a table shows them. What they would have bound stays closed. */
  readonly answers: number;
  /** Events of flows that the kernel could not deliver. A listing tells the flows that still are. */
  readonly flowEvents: number;
  /** Verdict records that the kernel could not deliver. */
  readonly verdicts: number;
  /** Neighbours that were not told because too many were claimed at once. */
  readonly neighbours: number;
  /** How often a child process ended and was begun again; nothing was seen in between. */
  readonly restarts: number;
  /** How long one of the sources was away, in microseconds together. */
  readonly outageMicros: number;
  /** Listings that were cut off because there were too many flows. */
  readonly cutListings: number;
}

/** The sources, each a child process. */
export type ObserverSource = 'packets' | 'flows' | 'verdicts' | 'answers';

/** Something that the reader of the facts has to know: while a source is away its facts are missing. */
export interface ObserverTrouble {
  readonly at: Instant;
  readonly source: ObserverSource;
  /** `accounting-off` and `timestamps-off`: the kernel does not count flows, or does not time them. */
  readonly kind: 'ended' | 'restored' | 'accounting-off' | 'timestamps-off';
  /** What happened, as the child said it last; bounded, not to be taken for markup. */
  readonly message: string;
}

export type ObserveErrorCode =
  | 'tool-missing'
  | 'not-permitted'
  | 'not-started'
  | 'bad-interface'
  | 'in-use'
  | 'already-started';

/** Observation could not begin; no child is left. */
export class ObserveError extends Error {
  readonly code: ObserveErrorCode;
  readonly source: ObserverSource;

  constructor(code: ObserveErrorCode, source: ObserverSource, message: string) {
    super(message);
    this.code = code;
    this.source = source;
  }
}
