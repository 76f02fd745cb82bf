// The columns of a flow table: one typed array per property, about 130 bytes a flow, doubled when full. Knows no hash slots.

import type { AddressTable } from '#model';
import { addressTextOf, type FlowRow, type FlowSide } from './flow-row.ts';
import type { Frame } from './frame.ts';
import type { VlanSets } from './vlan-sets.ts';

const ROWS_MIN = 512;

/** Bits of the kind: protocol in the low eight, then IP version 6, then later fragments, then the network of tunnelled packets. */
const IS_SIX = 1 << 8;
const IS_LATER_FRAGMENT = 1 << 9;
const NETWORK_SHIFT = 10;

/** What rows need beside the columns. */
interface RowTexts {
  readonly addresses: AddressTable;
  readonly vlans: VlanSets;
}

/** Columns of one direction. Sums are doubles: 32 bits wrap within minutes on a fast link. */
class SideColumns {
  packets = new Float64Array(ROWS_MIN);
  ipBytes = new Float64Array(ROWS_MIN);
  frameBytes = new Float64Array(ROWS_MIN);
  tcpFlags = new Uint8Array(ROWS_MIN);
  vlans = new Uint16Array(ROWS_MIN);

  grow(): void {
    this.packets = doubled(this.packets, Float64Array);
    this.ipBytes = doubled(this.ipBytes, Float64Array);
    this.frameBytes = doubled(this.frameBytes, Float64Array);
    this.tcpFlags = doubled(this.tcpFlags, Uint8Array);
    this.vlans = doubled(this.vlans, Uint16Array);
  }

  count(flow: number, frame: Frame, vlans: VlanSets): void {
    this.packets[flow] = (this.packets[flow] ?? 0) + 1;
    this.ipBytes[flow] = (this.ipBytes[flow] ?? 0) + frame.bytes;
    this.frameBytes[flow] = (this.frameBytes[flow] ?? 0) + frame.wireLength;
    if (frame.tcpFlags > 0) this.tcpFlags[flow] = (this.tcpFlags[flow] ?? 0) | frame.tcpFlags;
    this.vlans[flow] = vlans.add(this.vlans[flow] ?? 0, frame.vlans);
  }

  side(flow: number, end: { readonly address: number; readonly port: number; readonly vlans: VlanSets }): FlowSide {
    return {
      address: end.address,
      port: end.port,
      packets: this.packets[flow] ?? 0,
      ipBytes: this.ipBytes[flow] ?? 0,
      frameBytes: this.frameBytes[flow] ?? 0,
      tcpFlags: this.tcpFlags[flow] ?? 0,
      vlans: end.vlans.text(this.vlans[flow] ?? 0),
    };
  }
}

export class FlowColumns {
  count = 0;
  #room = ROWS_MIN;
  #addressA = new Int32Array(ROWS_MIN);
  #addressB = new Int32Array(ROWS_MIN);
  #portA = new Int32Array(ROWS_MIN);
  #portB = new Int32Array(ROWS_MIN);
  #kind = new Uint32Array(ROWS_MIN);
  #firstSeconds = new Float64Array(ROWS_MIN);
  #lastSeconds = new Float64Array(ROWS_MIN);
  #firstNanoseconds = new Uint32Array(ROWS_MIN);
  #lastNanoseconds = new Uint32Array(ROWS_MIN);
  #minFrame = new Uint32Array(ROWS_MIN);
  #maxFrame = new Uint32Array(ROWS_MIN);
  readonly #ab = new SideColumns();
  readonly #ba = new SideColumns();

  /** A hash of the frame's flow, the same for both directions. */
  hashOf(frame: Frame): number {
    const end = mixEnd(frame.source, portOf(frame, frame.sourcePort));
    return mixPair(end, mixEnd(frame.destination, portOf(frame, frame.destinationPort)), kindOf(frame));
  }

  /** The same hash from the columns. */
  hash(flow: number): number {
    const end = mixEnd(this.#addressA[flow] ?? 0, this.#portA[flow] ?? 0);
    return mixPair(end, mixEnd(this.#addressB[flow] ?? 0, this.#portB[flow] ?? 0), this.#kind[flow] ?? 0);
  }

  isOf(flow: number, frame: Frame): boolean {
    return this.#kind[flow] === kindOf(frame) && (this.#isForward(flow, frame) || this.#isBackward(flow, frame));
  }

  /** A new flow that this frame begins; the frame itself is not counted yet. */
  append(frame: Frame): number {
    if (this.count === this.#room) this.#grow();
    const flow = this.count++;
    this.#addressA[flow] = frame.source;
    this.#addressB[flow] = frame.destination;
    this.#portA[flow] = portOf(frame, frame.sourcePort);
    this.#portB[flow] = portOf(frame, frame.destinationPort);
    this.#kind[flow] = kindOf(frame);
    this.#firstSeconds[flow] = this.#lastSeconds[flow] = frame.seconds;
    this.#firstNanoseconds[flow] = this.#lastNanoseconds[flow] = frame.nanoseconds;
    this.#minFrame[flow] = this.#maxFrame[flow] = frame.wireLength;
    return flow;
  }

  countFrame(flow: number, frame: Frame, vlans: VlanSets): void {
    const side = this.#isForward(flow, frame) ? this.#ab : this.#ba;
    side.count(flow, frame, vlans);
    this.#stretch(flow, frame);
    if (frame.wireLength < (this.#minFrame[flow] ?? 0)) this.#minFrame[flow] = frame.wireLength;
    if (frame.wireLength > (this.#maxFrame[flow] ?? 0)) this.#maxFrame[flow] = frame.wireLength;
  }

  row(flow: number, texts: RowTexts): FlowRow {
    const kind = this.#kind[flow] ?? 0;
    const ipVersion = (kind & IS_SIX) !== 0 ? 6 : 4;
    const a = this.#addressA[flow] ?? 0;
    const b = this.#addressB[flow] ?? 0;
    return {
      flow: flow + 1,
      ipVersion,
      protocol: kind & 0xff,
      isLaterFragments: (kind & IS_LATER_FRAGMENT) !== 0,
      a: this.#ab.side(flow, { address: a, port: this.#portA[flow] ?? 0, vlans: texts.vlans }),
      b: this.#ba.side(flow, { address: b, port: this.#portB[flow] ?? 0, vlans: texts.vlans }),
      addressTextA: addressTextOf(texts.addresses, a, ipVersion),
      addressTextB: addressTextOf(texts.addresses, b, ipVersion),
      firstSeconds: this.#firstSeconds[flow] ?? 0,
      firstNanoseconds: this.#firstNanoseconds[flow] ?? 0,
      lastSeconds: this.#lastSeconds[flow] ?? 0,
      lastNanoseconds: this.#lastNanoseconds[flow] ?? 0,
      minFrame: this.#minFrame[flow] ?? 0,
      maxFrame: this.#maxFrame[flow] ?? 0,
    };
  }

  /** First and last are the earliest and the latest time, whatever the order in the file. */
  #stretch(flow: number, { seconds, nanoseconds }: Frame): void {
    const last = this.#lastSeconds[flow] ?? 0;
    const first = this.#firstSeconds[flow] ?? 0;
    if (seconds > last || (seconds === last && nanoseconds > (this.#lastNanoseconds[flow] ?? 0))) {
      this.#lastSeconds[flow] = seconds;
      this.#lastNanoseconds[flow] = nanoseconds;
    }
    if (seconds < first || (seconds === first && nanoseconds < (this.#firstNanoseconds[flow] ?? 0))) {
      this.#firstSeconds[flow] = seconds;
      this.#firstNanoseconds[flow] = nanoseconds;
    }
  }

  #isForward(flow: number, frame: Frame): boolean {
    return (
      this.#addressA[flow] === frame.source &&
      this.#addressB[flow] === frame.destination &&
      this.#portA[flow] === portOf(frame, frame.sourcePort) &&
      this.#portB[flow] === portOf(frame, frame.destinationPort)
    );
  }

  #isBackward(flow: number, frame: Frame): boolean {
    return (
      this.#addressB[flow] === frame.source &&
      this.#addressA[flow] === frame.destination &&
      this.#portB[flow] === portOf(frame, frame.sourcePort) &&
      this.#portA[flow] === portOf(frame, frame.destinationPort)
    );
  }

  #grow(): void {
    this.#room *= 2;
    this.#addressA = doubled(this.#addressA, Int32Array);
    this.#addressB = doubled(this.#addressB, Int32Array);
    this.#portA = doubled(this.#portA, Int32Array);
    this.#portB = doubled(this.#portB, Int32Array);
    this.#kind = doubled(this.#kind, Uint32Array);
    this.#firstSeconds = doubled(this.#firstSeconds, Float64Array);
    this.#lastSeconds = doubled(this.#lastSeconds, Float64Array);
    this.#firstNanoseconds = doubled(this.#firstNanoseconds, Uint32Array);
    this.#lastNanoseconds = doubled(this.#lastNanoseconds, Uint32Array);
    this.#minFrame = doubled(this.#minFrame, Uint32Array);
    this.#maxFrame = doubled(this.#maxFrame, Uint32Array);
    this.#ab.grow();
    this.#ba.grow();
  }
}

/** The flow of later fragments has no ports, whatever the frame carries for policy. */
function portOf(frame: Frame, port: number): number {
  return frame.isLaterFragment ? -1 : port;
}

function kindOf(frame: Frame): number {
  const flags = (frame.ipVersion === 6 ? IS_SIX : 0) | (frame.isLaterFragment ? IS_LATER_FRAGMENT : 0);
  return frame.protocol | flags | (frame.network << NETWORK_SHIFT);
}

function mixEnd(address: number, port: number): number {
  const hash = Math.imul(address ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(port + 1, 0xc2b2ae35);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
}

/** The sum does not tell the ends apart, so both directions meet. */
function mixPair(end: number, other: number, kind: number): number {
  const hash = Math.imul((end + other) ^ (kind << 20) ^ kind, 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}

interface Growable<T> {
  readonly length: number;
  set(from: T, at?: number): void;
}

function doubled<T extends Growable<T>>(column: T, make: new (length: number) => T): T {
  const grown = new make(column.length * 2);
  grown.set(column);
  return grown;
}
