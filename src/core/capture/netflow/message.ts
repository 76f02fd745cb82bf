// One message of an exporter: tells its version and length, and hands it to the reader of that version. Never throws, whatever the bytes.

import { hasPorts, type Instant, instantOf, MINUTE, NO_PORT, PROTOCOL, SECOND } from '#model';
import { u16, u32 } from '../inspect/bytes.ts';
import { Exporters } from './exporters.ts';
import { FIXED_LAYOUTS, fixedLength, readFixed } from './fixed.ts';
import { type FlowRecord, isTold, UNTOLD } from './flow.ts';
import type { Message } from './reading.ts';
import { readSets, type SetsLayout, setsLength } from './sets.ts';
import type { ExportTally } from './tally.ts';
import { WaitingSets } from './waiting.ts';

const NINE: SetsLayout = { version: 9, headerBytes: 20, templateSet: 0, optionsSet: 1, hasLength: false };
const IPFIX: SetsLayout = { version: 10, headerBytes: 16, templateSet: 2, optionsSet: 3, hasLength: true };

/** Shortest header of any version: NetFlow 1 and IPFIX. */
const HEADER_BYTES_MIN = 16;
export const VERSIONS: readonly number[] = [1, 5, 7, 9, 10];

/** Records of one message of fixed layout: 30 is what a datagram holds; 1,000 leaves room for odd exporters. */
const FIXED_COUNT_MAX = 1_000;

/** A template that was not sent again for so long is none: three times the 30 minutes after which routers repeat theirs at the latest (RFC 7011, 8.4). */
const TEMPLATE_LIFETIME = 90 * MINUTE;

function layoutOf(version: number): SetsLayout | null {
  if (version === 9) return NINE;
  return version === 10 ? IPFIX : null;
}

/** Bytes that the message at `at` takes; 0 when more must be there to tell; -1 when no message begins here. `isLast`: nothing follows `data`. */
export function messageLength(
  data: Uint8Array,
  at: number,
  { to, isLast }: { readonly to: number; readonly isLast: boolean },
): number {
  if (to - at < 4) return isLast ? -1 : 0;
  const version = u16(data, at);
  const fixed = FIXED_LAYOUTS.get(version);
  if (fixed !== undefined) {
    const count = u16(data, at + 2);
    return count >= 1 && count <= FIXED_COUNT_MAX ? fixedLength(data, at, fixed) : -1;
  }
  const layout = layoutOf(version);
  return layout === null ? -1 : setsLength(data, at, { to, isLast, layout });
}

/** When a message says that it was exported. */
export function exportedAt(data: Uint8Array): Instant {
  if (u16(data, 0) === 10) return u32(data, 4) * SECOND;
  return u16(data, 0) === 9 ? u32(data, 8) * SECOND : instantOf(u32(data, 8), u32(data, 12) % 1e9);
}

interface ReaderOptions {
  readonly tally: ExportTally;
  readonly take: (record: FlowRecord) => void;
  /** Templates and waiting data age where messages arrive as they are sent; in a file they hold to the end. */
  readonly isLive: boolean;
}

/** Reads messages one by one and remembers what later ones need. */
export class MessageReader {
  readonly #tally: ExportTally;
  readonly #exporters: Exporters;
  readonly #waiting: WaitingSets;
  readonly #take: (record: FlowRecord) => void;
  readonly #isLive: boolean;

  constructor({ tally, take, isLive }: ReaderOptions) {
    this.#tally = tally;
    this.#exporters = new Exporters();
    this.#isLive = isLive;
    this.#waiting = new WaitingSets(tally, isLive);
    this.#take = (record) => this.#finish(record, take);
  }

  /** Reads one message, which must be all of `data`; whether it is one. */
  read(data: Uint8Array, from: { readonly exporter: string; readonly receivedAt: Instant }): boolean {
    const version = u16(data, 0);
    const length = messageLength(data, 0, { to: data.length, isLast: true });
    const fixed = FIXED_LAYOUTS.get(version);
    const layout = layoutOf(version);
    if (length < HEADER_BYTES_MIN || length > data.length || (fixed === undefined && layout === null)) {
      this.#tally.reject(whatIsWrong(data, { version, length }));
      return false;
    }
    this.#tally.messages++;
    const message: Message = {
      data: data.subarray(0, length),
      version,
      exporters: this.#exporters,
      waiting: this.#waiting,
      tally: this.#tally,
      take: this.#take,
      templatesNotBefore: this.#isLive ? from.receivedAt - TEMPLATE_LIFETIME : Number.NEGATIVE_INFINITY,
      ...from,
    };
    if (fixed !== undefined) readFixed(message, fixed);
    else if (layout !== null) readSets(message, layout);
    return true;
  }

  /** Nothing more comes: data that still waits for its template is given up. */
  end(): void {
    this.#waiting.giveUp();
  }

  #finish(record: FlowRecord, take: (record: FlowRecord) => void): void {
    const reason = whyNoFlow(record);
    if (reason !== '') {
      this.#tally.skip(reason);
      return;
    }
    settlePorts(record);
    this.#tally.records++;
    take(record);
  }
}

function whatIsWrong(data: Uint8Array, { version, length }: { version: number; length: number }): string {
  if (data.length < HEADER_BYTES_MIN) return 'a message is shorter than a header';
  if (!VERSIONS.includes(version)) return 'a message is of no version of NetFlow or IPFIX';
  return length > data.length ? 'a message is shorter than it says' : 'the lengths in a message contradict each other';
}

function whyNoFlow(record: FlowRecord): string {
  if (record.source === '' || record.destination === '') return 'a record without addresses tells no flow';
  if (record.protocol === UNTOLD) return 'a record without a protocol tells no flow';
  return isTold(record.sent) || isTold(record.received) ? '' : 'a record without packets and bytes tells no flow';
}

/** ICMP type and code travel in the place of the destination port; protocols without ports have none, whatever the record says. */
function settlePorts(record: FlowRecord): void {
  if (record.protocol === PROTOCOL.icmp || record.protocol === PROTOCOL.icmpv6) {
    if (record.icmp === UNTOLD && record.destinationPort >= 0) record.icmp = record.destinationPort;
  } else record.icmp = UNTOLD;
  if (hasPorts(record.protocol)) return;
  record.sourcePort = NO_PORT;
  record.destinationPort = NO_PORT;
}
