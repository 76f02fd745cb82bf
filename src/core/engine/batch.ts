// Packets in rows of one cache line each: what a caller fills and the engine judges in place, without an object per packet. Not a queue: rows are judged in their order.

import { type Instant, type Mac, NO_MAC, newObservation, newVerdict, type Observation, type Verdict } from '#model';
import { words } from './memory.ts';
import { applicationCode, applicationOf } from './plans.ts';

/** Rows a batch may have: its rows stay in the processor's cache far below this. */
const ROWS_MAX = 65_536;
const NO_OPERATIONS: readonly string[] = [];

/** Bits of `PacketBatch.flags`. */
export const BATCH_FLAGS = { isEnforced: 1, isFromInitiator: 2, isOpening: 4 } as const;

export const ROW_WIDTH = 16;
/** Places in a row: of `at`, `bytes`, `packets` among its eight doubles, of the others among its sixteen words. Those from `reasons` on are out. */
export const ROW = {
  at: 0,
  bytes: 1,
  packets: 2,
  source: 6,
  destination: 7,
  /** Source port in the upper half. */
  ports: 8,
  kind: 9,
  packetSize: 10,
  /** The reasons' bits, and above them `flags`. */
  reasons: 11,
  flagsShift: 24,
  reasonsMask: 0xffffff,
  rule: 12,
  guardrail: 13,
  initiator: 14,
  responder: 15,
} as const;
/** In a row's `kind`: protocol and which ends have no port as in a session's, then these. */
export const ROW_KIND = {
  protocolShift: 24,
  noSourcePort: 1 << 23,
  noDestinationPort: 1 << 22,
  hasOperations: 1 << 21,
  initiatorShift: 19,
  applicationShift: 9,
  applicationMask: 0xff,
  /** Whether the flags below it are known. */
  hasTcpFlags: 1 << 8,
  tcpFlagsMask: 0xff,
} as const;
const KIND = ROW_KIND;

/** Rows mean what fields of `Observation` and `Verdict` of the same name mean. */
export class PacketBatch {
  readonly capacity: number;
  readonly words: Int32Array;
  /** The same memory as doubles. */
  readonly doubles: Float64Array;
  /** Apart from the rows, since only an opening asks for them. */
  readonly sourceMacs: Float64Array;
  readonly destinationMacs: Float64Array;
  readonly #operations = new Map<number, readonly string[]>();
  /** One row as an object, for what is judged in full. */
  readonly #observation = newObservation();
  readonly verdict = newVerdict();

  constructor(capacity: number) {
    const rows = Math.max(1, Math.min(capacity, ROWS_MAX));
    this.capacity = rows;
    this.words = words(rows * ROW_WIDTH);
    this.doubles = new Float64Array(this.words.buffer, this.words.byteOffset, (rows * ROW_WIDTH) / 2);
    this.sourceMacs = new Float64Array(rows).fill(NO_MAC);
    this.destinationMacs = new Float64Array(rows).fill(NO_MAC);
  }

  /** Fills in what goes into a row. */
  set(row: number, packet: Observation): void {
    this.sourceMacs[row] = packet.sourceMac;
    this.destinationMacs[row] = packet.destinationMac;
    this.setCarried(row, packet);
    if (packet.operations.length > 0) this.#operations.set(row, packet.operations);
    else if (this.#operations.size > 0) this.#operations.delete(row);
  }

  /** The row itself, without MACs and operations. */
  setCarried(row: number, packet: Observation): void {
    const { words } = this;
    const at = row * ROW_WIDTH;
    this.setNumbers(row, packet);
    words[at + ROW.source] = packet.source;
    words[at + ROW.destination] = packet.destination;
    words[at + ROW.ports] = (packet.sourcePort << 16) | (packet.destinationPort & 0xffff);
    words[at + ROW.kind] = kindOf(packet);
    words[at + ROW.packetSize] = packet.packetSize;
  }

  setNumbers(row: number, { at, bytes, packets }: { at: Instant; bytes: number; packets: number }): void {
    const place = (row * ROW_WIDTH) / 2;
    this.doubles[place + ROW.at] = at;
    this.doubles[place + ROW.bytes] = bytes;
    this.doubles[place + ROW.packets] = packets;
  }

  /** What was filled in, as an object that the next call overwrites. */
  observation(row: number): Observation {
    const packet = this.#observation;
    const kind = this.#word(row, ROW.kind);
    const ports = this.#word(row, ROW.ports);
    const initiator = (kind >>> KIND.initiatorShift) & 3;
    packet.at = this.#double(row, ROW.at);
    packet.bytes = this.#double(row, ROW.bytes);
    packet.packets = this.#double(row, ROW.packets);
    packet.source = this.#word(row, ROW.source);
    packet.destination = this.#word(row, ROW.destination);
    packet.sourceMac = macOf(this.sourceMacs, row);
    packet.destinationMac = macOf(this.destinationMacs, row);
    packet.protocol = kind >>> KIND.protocolShift;
    packet.sourcePort = (kind & KIND.noSourcePort) === 0 ? ports >>> 16 : -1;
    packet.destinationPort = (kind & KIND.noDestinationPort) === 0 ? ports & 0xffff : -1;
    packet.packetSize = this.#word(row, ROW.packetSize);
    packet.tcpFlags = (kind & KIND.hasTcpFlags) === 0 ? -1 : kind & KIND.tcpFlagsMask;
    packet.initiator = initiator === 1 || initiator === 2 ? initiator : 0;
    packet.application = applicationOf((kind >>> KIND.applicationShift) & KIND.applicationMask);
    packet.operations = (kind & KIND.hasOperations) === 0 ? NO_OPERATIONS : this.#operationsOf(row);
    return packet;
  }

  reasons(row: number): number {
    return this.#word(row, ROW.reasons) & ROW.reasonsMask;
  }

  flags(row: number): number {
    return this.#word(row, ROW.reasons) >>> ROW.flagsShift;
  }

  /** Copies what came out of a row into a cleared verdict. */
  read(row: number, verdict: Verdict): void {
    const flags = this.flags(row);
    verdict.reasons = this.reasons(row);
    verdict.isEnforced = (flags & BATCH_FLAGS.isEnforced) !== 0;
    verdict.isFromInitiator = (flags & BATCH_FLAGS.isFromInitiator) !== 0;
    verdict.isOpening = (flags & BATCH_FLAGS.isOpening) !== 0;
    verdict.rule = this.#word(row, ROW.rule);
    verdict.guardrail = this.#word(row, ROW.guardrail);
    verdict.initiator = this.#word(row, ROW.initiator);
    verdict.responder = this.#word(row, ROW.responder);
  }

  /** Writes a verdict into a row. */
  write(row: number, verdict: Verdict): void {
    const at = row * ROW_WIDTH;
    const flags =
      (verdict.isEnforced ? BATCH_FLAGS.isEnforced : 0) |
      (verdict.isFromInitiator ? BATCH_FLAGS.isFromInitiator : 0) |
      (verdict.isOpening ? BATCH_FLAGS.isOpening : 0);
    this.words[at + ROW.reasons] = verdict.reasons | (flags << ROW.flagsShift);
    this.words[at + ROW.rule] = verdict.rule;
    this.words[at + ROW.guardrail] = verdict.guardrail;
    this.words[at + ROW.initiator] = verdict.initiator;
    this.words[at + ROW.responder] = verdict.responder;
  }

  #word(row: number, which: number): number {
    return this.words[row * ROW_WIDTH + which] ?? 0;
  }

  #double(row: number, which: number): number {
    return this.doubles[(row * ROW_WIDTH) / 2 + which] ?? 0;
  }

  #operationsOf(row: number): readonly string[] {
    return this.#operations.get(row) ?? NO_OPERATIONS;
  }
}

function macOf(macs: Float64Array, row: number): Mac {
  return macs[row] ?? NO_MAC;
}

function kindOf(packet: Observation): number {
  const code = packet.application === '' ? 0 : applicationCode(packet.application);
  const flags = packet.tcpFlags < 0 ? 0 : KIND.hasTcpFlags | (packet.tcpFlags & KIND.tcpFlagsMask);
  return (
    (packet.protocol << KIND.protocolShift) |
    (packet.sourcePort < 0 ? KIND.noSourcePort : 0) |
    (packet.destinationPort < 0 ? KIND.noDestinationPort : 0) |
    (packet.operations.length > 0 ? KIND.hasOperations : 0) |
    (packet.initiator << KIND.initiatorShift) |
    (code << KIND.applicationShift) |
    flags
  );
}
