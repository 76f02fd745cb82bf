// The learner's own small conversation table: who began, when a conversation begins anew. Follows docs/semantics.md 6 to 8; judges nothing.

import {
  type AddressId,
  type Instant,
  isAnsweringPort,
  isServicePort,
  NO_PORT,
  type Observation,
  PROTOCOL,
  SECOND,
  TCP,
} from '#model';
import type { Binding } from './bindings.ts';
import { CONVERSATIONS_MAX, idleMicros } from './bounds.ts';
import type { Line } from './lines.ts';

export interface Conversation {
  /** The initiator's end. */
  from: AddressId;
  fromPort: number;
  to: AddressId;
  toPort: number;
  protocol: number;
  lastSeen: Instant;
  /** Latest opening SYN of the initiator, or -1. */
  lastSyn: Instant;
  /** Counted on this line; null where no element takes part. */
  line: Line | null;
  application: string;
  binding: Binding | undefined;
}

export interface Step {
  readonly conversation: Conversation;
  /** Whether this packet opens the conversation. */
  readonly isOpening: boolean;
  readonly isSent: boolean;
}

/** Address numbers stay far below this, so that a pair fits one double. */
const PAIR = 2 ** 26;
const PORTS = 65_537;
const RETRANSMIT = SECOND;

export class Conversations {
  readonly #byPair = new Map<number, Map<number, Conversation>>();
  #size = 0;
  /** Live conversations that were forgotten because the table was full. */
  forgotten = 0;

  get size(): number {
    return this.#size;
  }

  /** Finds or opens the conversation of a packet. */
  step(observation: Observation, at: Instant): Step {
    const known = this.#find(observation);
    if (known !== undefined && at - known.lastSeen < idleMicros(known.protocol) && !isAnew(known, observation, at)) {
      known.lastSeen = at;
      return { conversation: known, isOpening: false, isSent: isFrom(known, observation) };
    }
    if (known === undefined) this.#makeRoom(at);
    const conversation = open(observation, at);
    this.#put(conversation);
    return { conversation, isOpening: true, isSent: isFrom(conversation, observation) };
  }

  #find(observation: Observation): Conversation | undefined {
    const { low, high, inner } = keyOf(observation);
    return this.#byPair.get(low * PAIR + high)?.get(inner);
  }

  #put(conversation: Conversation): void {
    const { low, high, inner } = keyOf({
      source: conversation.from,
      sourcePort: conversation.fromPort,
      destination: conversation.to,
      destinationPort: conversation.toPort,
      protocol: conversation.protocol,
    });
    const pair = low * PAIR + high;
    let ofPair = this.#byPair.get(pair);
    if (ofPair === undefined) {
      ofPair = new Map();
      this.#byPair.set(pair, ofPair);
    }
    if (!ofPair.has(inner)) this.#size++;
    ofPair.set(inner, conversation);
  }

  #makeRoom(at: Instant): void {
    if (this.#size < CONVERSATIONS_MAX) return;
    for (const [pair, ofPair] of this.#byPair) {
      for (const [key, { lastSeen, protocol }] of ofPair) {
        if (at - lastSeen < idleMicros(protocol)) continue;
        ofPair.delete(key);
        this.#size--;
      }
      if (ofPair.size === 0) this.#byPair.delete(pair);
    }
    if (this.#size < CONVERSATIONS_MAX * 0.75) return;
    this.#dropOldestPairs();
  }

  /** Drops a quarter, so that a full table is not swept for every packet. */
  #dropOldestPairs(): void {
    for (const [pair, ofPair] of this.#byPair) {
      if (this.#size < CONVERSATIONS_MAX * 0.75) return;
      this.#byPair.delete(pair);
      this.#size -= ofPair.size;
      this.forgotten += ofPair.size;
    }
  }
}

type Tuple = Pick<Observation, 'source' | 'sourcePort' | 'destination' | 'destinationPort' | 'protocol'>;

function keyOf(tuple: Tuple): { readonly low: number; readonly high: number; readonly inner: number } {
  const { source, sourcePort, destination, destinationPort, protocol } = tuple;
  const isForward = source < destination || (source === destination && sourcePort <= destinationPort);
  const lowPort = (isForward ? sourcePort : destinationPort) + 1;
  const highPort = (isForward ? destinationPort : sourcePort) + 1;
  return {
    low: isForward ? source : destination,
    high: isForward ? destination : source,
    inner: (lowPort * PORTS + highPort) * 256 + protocol,
  };
}

function isFrom(conversation: Conversation, observation: Observation): boolean {
  return conversation.from === observation.source && conversation.fromPort === observation.sourcePort;
}

function isOpeningSyn({ protocol, tcpFlags }: Observation): boolean {
  return protocol === PROTOCOL.tcp && tcpFlags >= 0 && (tcpFlags & (TCP.syn | TCP.ack)) === TCP.syn;
}

/** A SYN of the initiator more than a second after the last opens anew; a retransmission does not. */
function isAnew(conversation: Conversation, observation: Observation, at: Instant): boolean {
  if (!isOpeningSyn(observation) || !isFrom(conversation, observation)) return false;
  return at - conversation.lastSyn > RETRANSMIT;
}

function open(observation: Observation, at: Instant): Conversation {
  const isSourceFirst = sourceBegan(observation);
  return {
    from: isSourceFirst ? observation.source : observation.destination,
    fromPort: isSourceFirst ? observation.sourcePort : observation.destinationPort,
    to: isSourceFirst ? observation.destination : observation.source,
    toPort: isSourceFirst ? observation.destinationPort : observation.sourcePort,
    protocol: observation.protocol,
    lastSeen: at,
    lastSyn: isOpeningSyn(observation) ? at : -1,
    line: null,
    application: '',
    binding: undefined,
  };
}

/**
 * Whether the source began. Without a SYN and without word from a log the service end decides: a conversation older than the
 * recording, or a late answer, is learned as what it was, never as a rule of its own towards a port that was made up for it.
 */
export function sourceBegan(observation: Observation): boolean {
  const { initiator, protocol, tcpFlags, sourcePort, destinationPort } = observation;
  if (initiator !== 0) return initiator === 1;
  if (sourcePort === NO_PORT || destinationPort === NO_PORT) return true;
  if (protocol === PROTOCOL.tcp && tcpFlags >= 0 && tcpFlags & TCP.syn) return (tcpFlags & TCP.ack) === 0;
  if (protocol === PROTOCOL.udp)
    return destinationPort < 1_024 || isAnsweringPort(destinationPort) || !isAnsweringPort(sourcePort);
  const isSourceService = isServicePort(sourcePort);
  const isDestinationService = isServicePort(destinationPort);
  if (isSourceService !== isDestinationService) return isDestinationService;
  return destinationPort <= sourcePort;
}
