// Flows as they are listed and followed: begun by a packet or by the kernel's word, counted by the kernel, judged by the engine. Not what plans are made of.

import { type AddressId, type Instant, instantText, type Observation, reasonsOf, type Verdict } from '#model';
import type { FlowEvent } from '#observe';
import type { FlowView } from './api-records.ts';
import type { Ends } from './ends.ts';
import { Ring } from './ring.ts';
import { protocolText } from './words.ts';

/** Flows kept for listing. */
const ROWS_MAX = 10_000;
/** Flows that later counts still find; the oldest goes. */
const OPEN_MAX = 32_768;

export interface FlowRow {
  readonly at: Instant;
  end: Instant | null;
  readonly source: AddressId;
  readonly destination: AddressId;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sourceElement: string | null;
  readonly destinationElement: string | null;
  readonly protocol: number;
  application: string;
  packetsSent: number;
  packetsReceived: number;
  bytesSent: number;
  bytesReceived: number;
  isAnswered: boolean;
  /** Whether its first packet was seen; the kernel's word of a flow may come before it. */
  isSeen: boolean;
  readonly reasons: number;
  readonly isEnforced: boolean;
  readonly rule: string | null;
}

/** The engine's verdict as a row keeps it. */
export interface Judged {
  readonly verdict: Verdict;
  readonly rule: string | null;
  readonly initiator: string | null;
  readonly responder: string | null;
}

export class FlowBook {
  readonly ring = new Ring<FlowRow>(ROWS_MAX);
  readonly #open = new Map<string, FlowRow>();
  #seen = 0;

  /** All flows that began, those beyond the bounds included. */
  get seen(): number {
    return this.#seen;
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** One more began, of which no row is made: too many do at once. */
  pass(): void {
    this.#seen++;
  }

  /** A packet that opened a session, or was denied to. */
  open(packet: Observation, judged: Judged): FlowRow {
    const isForward = judged.verdict.isFromInitiator;
    const ends = {
      protocol: packet.protocol,
      source: isForward ? packet.source : packet.destination,
      destination: isForward ? packet.destination : packet.source,
      sourcePort: isForward ? packet.sourcePort : packet.destinationPort,
      destinationPort: isForward ? packet.destinationPort : packet.sourcePort,
    };
    const told = this.#open.get(rowKey(ends));
    if (told?.isSeen === false) {
      told.isSeen = true;
      return told;
    }
    return this.#begin({ ...judged, ...ends, at: packet.at, application: packet.application, isSeen: true });
  }

  /** What is known of the flow, or null. */
  find(event: FlowEvent): FlowRow | null {
    return this.#open.get(keyOf(event)) ?? null;
  }

  /** A flow of which no packet was seen. */
  openByEvent(event: FlowEvent, judged: Judged): FlowRow {
    return this.#begin({
      ...judged,
      at: event.at,
      source: event.initiator,
      destination: event.responder,
      sourcePort: event.initiatorPort,
      destinationPort: event.responderPort,
      protocol: event.protocol,
      application: '',
      isSeen: false,
    });
  }

  /** Takes the kernel's counts in; the row of a flow that ended is found no more. */
  count(row: FlowRow, event: FlowEvent): void {
    row.isAnswered ||= event.isAnswered;
    if (event.packetsOut >= 0) {
      row.packetsSent = event.packetsOut;
      row.packetsReceived = event.packetsBack;
      row.bytesSent = event.bytesOut;
      row.bytesReceived = event.bytesBack;
    }
    if (event.kind !== 'ended') return;
    row.end = event.at;
    this.#open.delete(keyOf(event));
  }

  #begin(what: Judged & Pick<FlowRow, BegunField>): FlowRow {
    this.#seen++;
    const { verdict, rule, initiator, responder, ...flow } = what;
    const row: FlowRow = {
      ...flow,
      end: null,
      sourceElement: initiator,
      destinationElement: responder,
      packetsSent: 0,
      packetsReceived: 0,
      bytesSent: 0,
      bytesReceived: 0,
      isAnswered: false,
      reasons: verdict.reasons,
      isEnforced: verdict.isEnforced,
      rule,
    };
    this.ring.push(row);
    this.#keep(row);
    return row;
  }

  #keep(row: FlowRow): void {
    const key = rowKey(row);
    this.#open.delete(key);
    this.#open.set(key, row);
    if (this.#open.size <= OPEN_MAX) return;
    const [oldest] = this.#open.keys();
    if (oldest !== undefined) this.#open.delete(oldest);
  }
}

type BegunField =
  | 'at'
  | 'source'
  | 'destination'
  | 'sourcePort'
  | 'destinationPort'
  | 'protocol'
  | 'application'
  | 'isSeen';

type RowEnds = Pick<FlowRow, 'protocol' | 'source' | 'sourcePort' | 'destination' | 'destinationPort'>;

function rowKey({ protocol, source, sourcePort, destination, destinationPort }: RowEnds): string {
  return `${protocol}|${source}:${sourcePort}>${destination}:${destinationPort}`;
}

function keyOf({ protocol, initiator, initiatorPort, responder, responderPort }: FlowEvent): string {
  return `${protocol}|${initiator}:${initiatorPort}>${responder}:${responderPort}`;
}

export function flowView(row: FlowRow, ends: Ends): FlowView {
  return {
    at: instantText(row.at),
    end: row.end === null ? null : instantText(row.end),
    from: ends.view(row.source, row.sourcePort, row.sourceElement),
    to: ends.view(row.destination, row.destinationPort, row.destinationElement),
    protocol: protocolText(row.protocol),
    application: row.application === '' ? null : row.application,
    name: ends.nameOf(row.destination),
    packetsSent: row.packetsSent,
    packetsReceived: row.packetsReceived,
    bytesSent: row.bytesSent,
    bytesReceived: row.bytesReceived,
    verdict: row.reasons === 0 ? 'permit' : 'deny',
    isEnforced: row.reasons !== 0 && row.isEnforced,
    reasons: reasonsOf(row.reasons),
    rule: row.rule,
  };
}
