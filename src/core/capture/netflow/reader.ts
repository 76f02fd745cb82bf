// Reads files of flow export messages, back to back and of any versions, as a log of flow records. IPFIX files (RFC 5655) are such files.

import { type Instant, newObservation } from '#model';
import { u16, u32 } from '../inspect/bytes.ts';
import type { LogEnd, LogOptions, LogReader } from '../log/reader.ts';
import { TELLS_NOTHING } from '../log/tally.ts';
import { Joiner } from './joiner.ts';
import { exportedAt, MessageReader, messageLength, VERSIONS } from './message.ts';
import { observeFlow } from './observe.ts';
import { ExportTally } from './tally.ts';

const TELLS = { ...TELLS_NOTHING, flows: true, initiators: true, ipBytes: true };
/** Reasons told at the end of a log. */
const PROBLEMS_MAX = 10;
/** 1990: no exporter is older, and a file that says so is of another format. */
const SECONDS_MIN = 631_152_000;

export class FlowExportReader implements LogReader {
  readonly #tally = new ExportTally();
  readonly #observation = newObservation();
  readonly #joiner: Joiner;
  readonly #messages: MessageReader;
  #rest: Uint8Array = new Uint8Array(0);
  #offset = 0;
  #isDamaged = false;
  #now: Instant = 0;
  #flows = 0;
  #versions = 0;

  constructor(options: LogOptions) {
    this.#joiner = new Joiner(
      (flow) => {
        this.#flows++;
        observeFlow(flow, { ...options, observation: this.#observation, number: this.#flows });
      },
      () => {
        this.#tally.meteredTwice++;
      },
    );
    this.#messages = new MessageReader({
      tally: this.#tally,
      take: (record) => this.#joiner.add(record, this.#now),
      isLive: false,
    });
  }

  push(chunk: Uint8Array): void {
    if (this.#isDamaged) return;
    this.#rest = joined(this.#rest, chunk);
    this.#walk(false);
  }

  end(): LogEnd {
    if (!this.#isDamaged) this.#walk(true);
    this.#messages.end();
    this.#joiner.end();
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
    this.#now = Math.max(this.#now, exportedAt(message));
    this.#versions |= 1 << u16(message, 0);
    this.#messages.read(message, { exporter: '', receivedAt: this.#now });
  }

  #end(): LogEnd {
    const tally = this.#tally;
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
      skipped: skippedOf(tally),
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
    const { messages, unreadCount } = this.#tally;
    const where = `at byte ${this.#offset} after ${messages} messages`;
    const parts = [
      this.#isDamaged ? `no message of a known version begins ${where}` : '',
      isCut ? `ends inside a message ${where}` : '',
      unreadCount > 0 ? `${unreadCount} messages or sets cannot be read` : '',
      ...lossTexts(this.#tally),
    ];
    return parts.filter((part) => part !== '').join('; ');
  }
}

/** What the exporters' own numbers say is missing. */
export function lossTexts(tally: ExportTally): readonly string[] {
  const { lostRecords, lostMessages, setsWithoutTemplate } = tally;
  return [
    lostRecords > 0 ? `${lostRecords} records are missing by the sequence numbers` : '',
    lostMessages > 0 ? `${lostMessages} messages are missing by the sequence numbers` : '',
    setsWithoutTemplate > 0 ? `${setsWithoutTemplate} sets of data cannot be read: their template never came` : '',
  ];
}

function skippedOf(tally: ExportTally): LogEnd['skipped'] {
  const notes: [string, number][] = [
    ['the same packets were metered on both sides of a device, and count once', tally.meteredTwice],
    ['packets were sampled, and their counts stand as exported', tally.sampledRecords],
  ];
  return [...tally.skipped, ...notes.filter(([, count]) => count > 0)].map(([reason, count]) => ({ reason, count }));
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
