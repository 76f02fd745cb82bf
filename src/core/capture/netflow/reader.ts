// Reads files of flow export messages, back to back and of any versions, as a log of flow records. IPFIX files (RFC 5655) are such files.

import { newObservation } from '#model';
import { u16, u32 } from '../inspect/bytes.ts';
import type { LogEnd, LogOptions, LogReader } from '../log/reader.ts';
import { TELLS_NOTHING } from '../log/tally.ts';
import { FlowCollector } from './collector.ts';
import { exportedAt, messageLength, VERSIONS } from './message.ts';
import { observeFlow } from './observe.ts';

const TELLS = { ...TELLS_NOTHING, flows: true, initiators: true, ipBytes: true };
/** Reasons told at the end of a log. */
const PROBLEMS_MAX = 10;
/** 1990: no exporter is older, and a file that says so is of another format. */
const SECONDS_MIN = 631_152_000;

export class FlowExportReader implements LogReader {
  readonly #observation = newObservation();
  readonly #collector: FlowCollector;
  #rest: Uint8Array = new Uint8Array(0);
  #offset = 0;
  #isDamaged = false;
  #flows = 0;
  #versions = 0;

  constructor(options: LogOptions) {
    this.#collector = new FlowCollector(
      (flow) => {
        this.#flows++;
        observeFlow(flow, { ...options, observation: this.#observation, number: this.#flows });
      },
      { isLive: false },
    );
  }

  push(chunk: Uint8Array): void {
    if (this.#isDamaged) return;
    this.#rest = joined(this.#rest, chunk);
    this.#walk(false);
  }

  end(): LogEnd {
    if (!this.#isDamaged) this.#walk(true);
    this.#collector.end();
    return this.#end();
  }

  /** Reads the whole messages that are there. */
  #walk(isLast: boolean): void {
    const data = this.#rest;
    let at = 0;
    while (at < data.length) {
      const length = messageLength(data, at, { to: data.length, isLast });
      if (length < 0) {
        this.#isDamaged = true;
        break;
      }
      if (length === 0 || at + length > data.length) break;
      this.#read(data.subarray(at, at + length));
      at += length;
    }
    this.#offset += at;
    this.#rest = data.slice(at);
  }

  #read(message: Uint8Array): void {
    this.#versions |= 1 << u16(message, 0);
    this.#collector.datagram({ data: message, exporter: '', at: exportedAt(message) });
  }

  #end(): LogEnd {
    const { tally } = this.#collector;
    const problems = [...tally.firstUnread].slice(0, PROBLEMS_MAX).map(([reason, line]) => ({ line, reason }));
    const isCut = !this.#isDamaged && this.#rest.length > 0;
    const message = this.#message(isCut);
    const kind = isCut ? 'cut' : message === '' ? 'whole' : 'damaged';
    return {
      kind: tally.messages === 0 && this.#rest.length === 0 ? 'empty' : kind,
      format: this.#format(),
      records: this.#flows,
      unread: tally.unreadCount,
      problems,
      skipped: tally.leftOut,
      notes: tally.notes,
      tells: TELLS,
      message,
    };
  }

  #format(): string {
    const names = VERSIONS.filter((version) => (this.#versions & (1 << version)) !== 0).map((version) =>
      version === 10 ? 'ipfix' : `netflow-v${version}`,
    );
    return names.join('+') || 'netflow';
  }

  #message(isCut: boolean): string {
    const { messages, unreadCount, losses } = this.#collector.tally;
    const where = `at byte ${this.#offset} after ${messages} messages`;
    const parts = [
      this.#isDamaged ? `no message of a known version begins ${where}` : '',
      isCut ? `ends inside a message ${where}` : '',
      unreadCount > 0 ? `${unreadCount} messages or sets cannot be read` : '',
      ...losses,
    ];
    return parts.filter((part) => part !== '').join('; ');
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Whether a file that begins with these bytes is one of flow export messages: a header that can be, and behind it another one. */
export function isFlowExport(head: Uint8Array): boolean {
  const version = u16(head, 0);
  if (head.length < 16 || !VERSIONS.includes(version)) return false;
  if (u32(head, version === 10 ? 4 : 8) < SECONDS_MIN) return false;
  const length = messageLength(head, 0, { to: head.length, isLast: true });
  if (length < 16) return false;
  return length + 2 > head.length || VERSIONS.includes(u16(head, length));
}
