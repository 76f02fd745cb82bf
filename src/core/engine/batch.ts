// Packets in columns: what a caller fills and the engine judges in place, without an object per packet. Not a queue: rows are judged in their order.

import { newObservation, newVerdict, type Observation, type Verdict } from '#model';
import { applicationCode, applicationOf } from './plans.ts';

/** Rows a batch may have: its columns stay in the processor's cache far below this. */
const ROWS_MAX = 65_536;
const NO_OPERATIONS: readonly string[] = [];

/** Bits of `PacketBatch.flags`. */
export const BATCH_FLAGS = { isEnforced: 1, isFromInitiator: 2, isOpening: 4 } as const;

/** In and out columns. Rows mean what fields of `Observation` and `Verdict` of the same name mean. */
export class PacketBatch {
  readonly capacity: number;
  readonly at: Float64Array;
  readonly source: Int32Array;
  readonly destination: Int32Array;
  readonly sourceMac: Float64Array;
  readonly destinationMac: Float64Array;
  readonly protocol: Uint8Array;
  readonly sourcePort: Int32Array;
  readonly destinationPort: Int32Array;
  readonly bytes: Float64Array;
  readonly packets: Float64Array;
  readonly packetSize: Int32Array;
  readonly tcpFlags: Int16Array;
  readonly initiator: Uint8Array;
  /** Codes of `applicationCode`. */
  readonly application: Uint8Array;
  /** Operations of rows that carry any. The caller empties it between batches. */
  readonly operations = new Map<number, readonly string[]>();
  readonly reasons: Int32Array;
  readonly flags: Uint8Array;
  readonly rule: Int32Array;
  readonly guardrail: Int32Array;
  readonly initiatorElement: Int32Array;
  readonly responderElement: Int32Array;
  /** One row as an object, for what is judged in full. */
  readonly #observation = newObservation();
  readonly verdict = newVerdict();

  constructor(capacity: number) {
    const rows = Math.max(1, Math.min(capacity, ROWS_MAX));
    this.capacity = rows;
    this.at = new Float64Array(rows);
    this.source = new Int32Array(rows);
    this.destination = new Int32Array(rows);
    this.sourceMac = new Float64Array(rows).fill(-1);
    this.destinationMac = new Float64Array(rows).fill(-1);
    this.protocol = new Uint8Array(rows);
    this.sourcePort = new Int32Array(rows);
    this.destinationPort = new Int32Array(rows);
    this.bytes = new Float64Array(rows);
    this.packets = new Float64Array(rows).fill(1);
    this.packetSize = new Int32Array(rows).fill(-1);
    this.tcpFlags = new Int16Array(rows).fill(-1);
    this.initiator = new Uint8Array(rows);
    this.application = new Uint8Array(rows);
    this.reasons = new Int32Array(rows);
    this.flags = new Uint8Array(rows);
    this.rule = new Int32Array(rows);
    this.guardrail = new Int32Array(rows);
    this.initiatorElement = new Int32Array(rows);
    this.responderElement = new Int32Array(rows);
  }

  /** Fills a row's in columns. */
  set(row: number, packet: Observation): void {
    this.at[row] = packet.at;
    this.source[row] = packet.source;
    this.destination[row] = packet.destination;
    this.sourceMac[row] = packet.sourceMac;
    this.destinationMac[row] = packet.destinationMac;
    this.initiator[row] = packet.initiator;
    this.setCarried(row, packet);
    if (packet.operations.length > 0) this.operations.set(row, packet.operations);
    else if (this.operations.size > 0) this.operations.delete(row);
  }

  /** The columns that a packet of a live session is judged by. */
  setCarried(row: number, packet: Observation): void {
    this.protocol[row] = packet.protocol;
    this.sourcePort[row] = packet.sourcePort;
    this.destinationPort[row] = packet.destinationPort;
    this.bytes[row] = packet.bytes;
    this.packets[row] = packet.packets;
    this.packetSize[row] = packet.packetSize;
    this.tcpFlags[row] = packet.tcpFlags;
    this.application[row] = packet.application === '' ? 0 : applicationCode(packet.application);
  }

  /** The row as an object that the next call overwrites. */
  observation(row: number): Observation {
    const packet = this.#observation;
    packet.at = this.at[row] ?? 0;
    packet.source = this.source[row] ?? -1;
    packet.destination = this.destination[row] ?? -1;
    packet.sourceMac = this.sourceMac[row] ?? -1;
    packet.destinationMac = this.destinationMac[row] ?? -1;
    packet.protocol = this.protocol[row] ?? 0;
    packet.sourcePort = this.sourcePort[row] ?? -1;
    packet.destinationPort = this.destinationPort[row] ?? -1;
    packet.bytes = this.bytes[row] ?? 0;
    packet.packets = this.packets[row] ?? 1;
    packet.packetSize = this.packetSize[row] ?? -1;
    packet.tcpFlags = this.tcpFlags[row] ?? -1;
    const initiator = this.initiator[row];
    packet.initiator = initiator === 1 || initiator === 2 ? initiator : 0;
    packet.application = applicationOf(this.application[row] ?? 0);
    packet.operations = this.operations.get(row) ?? NO_OPERATIONS;
    return packet;
  }

  /** Copies a row's out columns into a cleared verdict. */
  read(row: number, verdict: Verdict): void {
    const flags = this.flags[row] ?? 0;
    verdict.reasons = this.reasons[row] ?? 0;
    verdict.isEnforced = (flags & BATCH_FLAGS.isEnforced) !== 0;
    verdict.isFromInitiator = (flags & BATCH_FLAGS.isFromInitiator) !== 0;
    verdict.isOpening = (flags & BATCH_FLAGS.isOpening) !== 0;
    verdict.rule = this.rule[row] ?? -1;
    verdict.guardrail = this.guardrail[row] ?? -1;
    verdict.initiator = this.initiatorElement[row] ?? -1;
    verdict.responder = this.responderElement[row] ?? -1;
  }

  /** Writes a verdict into a row's out columns. */
  write(row: number, verdict: Verdict): void {
    this.reasons[row] = verdict.reasons;
    this.flags[row] =
      (verdict.isEnforced ? BATCH_FLAGS.isEnforced : 0) |
      (verdict.isFromInitiator ? BATCH_FLAGS.isFromInitiator : 0) |
      (verdict.isOpening ? BATCH_FLAGS.isOpening : 0);
    this.rule[row] = verdict.rule;
    this.guardrail[row] = verdict.guardrail;
    this.initiatorElement[row] = verdict.initiator;
    this.responderElement[row] = verdict.responder;
  }
}
