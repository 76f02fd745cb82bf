// Hands on each flow of a cloud's log once: where both ends (or a gateway between them) report the same packets, the sender's report counts.
// The first records are held back, so that who reports is known before any is judged; later on it is known from what came before.

import { newObservation, type Observation } from '#model';
import { turnRound } from '../ends.ts';
import { NO_OPERATIONS } from '../facts.ts';
import type { LogSink } from '../reader.ts';
import type { LogTally } from '../tally.ts';
import type { CloudFlow, Side } from './flow.ts';

/** Records held back, some 200 bytes each; a file as clouds deliver them (5 to 60 minutes) mostly has fewer. */
export const HELD_MAX = 16_384;
/** Reporting ends and refused conversations remembered; beyond it, later ones are not, and what they report twice counts twice. */
const REMEMBERED_MAX = 262_144;
const DUPLICATE = 'a flow that its other end reports as well';

export class FlowsOnce {
  readonly #sink: LogSink;
  readonly #tally: LogTally;
  readonly #observation: Observation = newObservation();
  /** Ends that report what they send, and what they are sent. */
  readonly #senders = new Set<number>();
  readonly #receivers = new Set<number>();
  /** Conversations that one end's firewall refused: that the other end let them out does not make them normal. */
  readonly #refused = new Set<string>();
  #held: CloudFlow[] = [];
  #isHolding = true;

  constructor(sink: LogSink, tally: LogTally) {
    this.#sink = sink;
    this.#tally = tally;
  }

  add(flow: CloudFlow): void {
    this.#remember(flow);
    if (!this.#isHolding) this.#hand(flow);
    else if (this.#held.push(flow) >= HELD_MAX) this.flush();
  }

  /** Hands on what is held; at the latest at the end. */
  flush(): void {
    this.#isHolding = false;
    const held = this.#held;
    this.#held = [];
    for (const flow of held) this.#hand(flow);
  }

  #remember({ side, source, destination, isRefused, ...flow }: CloudFlow): void {
    if (side === 'source' && this.#senders.size < REMEMBERED_MAX) this.#senders.add(source);
    if (side === 'destination' && this.#receivers.size < REMEMBERED_MAX) this.#receivers.add(destination);
    if (isRefused && this.#refused.size < REMEMBERED_MAX) this.#refused.add(keyOf({ source, destination, ...flow }));
  }

  #hand(flow: CloudFlow): void {
    if (!flow.isRefused && this.#isReportedElsewhere(flow)) {
      this.#tally.skip(DUPLICATE);
      return;
    }
    this.#tally.begin(this.#sink, {
      line: flow.line,
      ends: Math.max(flow.at, flow.ends),
      isRefused: flow.isRefused || (this.#refused.size > 0 && this.#refused.has(keyOf(flow))),
    });
    const observation = this.#fill(flow);
    this.#sink.observe(observation);
    if (flow.back === null || (flow.back.packets === 0 && flow.back.bytes === 0)) return;
    turnRound(observation, flow.back);
    this.#sink.observe(observation);
  }

  #isReportedElsewhere({ side, source, destination, back }: CloudFlow): boolean {
    const isSentReported = this.#senders.has(source);
    if (side === 'destination') return isSentReported;
    // A record of both directions at the sender's is the whole conversation.
    return (
      side === 'gateway' &&
      (isSentReported || this.#receivers.has(destination) || (back !== null && this.#senders.has(destination)))
    );
  }

  #fill(flow: CloudFlow): Observation {
    const observation = this.#observation;
    const { at, source, destination, sourcePort, destinationPort, protocol, packets, bytes, initiator } = flow;
    return Object.assign(observation, {
      at,
      source,
      destination,
      sourcePort,
      destinationPort,
      protocol,
      packets,
      bytes,
      initiator,
      sourceMac: -1,
      destinationMac: -1,
      packetSize: -1,
      tcpFlags: -1,
      application: '',
      operations: NO_OPERATIONS,
    });
  }
}

type Tuple = Pick<CloudFlow, 'source' | 'destination' | 'sourcePort' | 'destinationPort' | 'protocol'>;

function keyOf({ source, destination, sourcePort, destinationPort, protocol }: Tuple): string {
  return `${source} ${destination} ${sourcePort} ${destinationPort} ${protocol}`;
}

/** The side that words of a log name; '' for any other word. */
export function sideOf(word: string): Side {
  switch (word.toUpperCase()) {
    case 'EGRESS':
    case 'O':
    case 'SRC':
      return 'source';
    case 'INGRESS':
    case 'I':
    case 'DEST':
      return 'destination';
    case 'SRC_GATEWAY':
    case 'DEST_GATEWAY':
      return 'gateway';
    default:
      return '';
  }
}
