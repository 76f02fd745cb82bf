// Reads AWS VPC flow logs, versions 2 to 5: the default format without a header, custom formats by their header, with spaces or commas.
// A record is one direction of a conversation in one window, as one interface saw it.

import { newObservation } from '#model';
import { csvCells } from '../cells.ts';
import { firstLine } from '../head.ts';
import { LineLog } from '../line-log.ts';
import type { LogOptions, LogReader } from '../reader.ts';
import { type LogEnding, LogTally, TELLS_NOTHING } from '../tally.ts';
import { fillTuple } from '../tuple.ts';
import { countOf, instantOfText, shown } from '../values.ts';
import { initiatorByPorts } from './flow.ts';
import { FlowsOnce, sideOf } from './once.ts';

/** Fields of the default format (version 2), in their order. */
const DEFAULT_FIELDS =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status'.split(
    ' ',
  );
const DEFAULT_LINE =
  /^(\d{4}-\d\d-\d\dT\S+ )?\d+ \S+ \S+ (?:[0-9a-fA-F.:]+|-) (?:[0-9a-fA-F.:]+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-) \d+ \d+ (ACCEPT|REJECT|-) (OK|NODATA|SKIPDATA)\s*$/;
/** Fields read of one header; version 5 has 29 and later ones some more. */
const FIELDS_MAX = 256;
const TELLS = Object.freeze({ ...TELLS_NOTHING, flows: true, ipBytes: true });
const SYN = 2;
const SYN_ACK = 18;

type Fields = ReadonlyMap<string, number>;

class AwsRecords {
  readonly #options: LogOptions;
  readonly #tally: LogTally;
  readonly #once: FlowsOnce;
  readonly #observation = newObservation();
  #fields: Fields | null = null;
  #hasCommas = false;
  #refusal = '';
  #cells: readonly string[] = [];

  constructor(options: LogOptions, tally: LogTally) {
    this.#options = options;
    this.#tally = tally;
    this.#once = new FlowsOnce(options.sink, tally);
  }

  line(text: string): void {
    if (this.#refusal !== '') return;
    const header = headerOf(text);
    if (header !== null) {
      this.#fields = header;
      this.#hasCommas = text.includes(',');
      return;
    }
    if (this.#fields === null && !DEFAULT_LINE.test(text)) {
      this.#refusal = `line ${this.#tally.line} is neither a header nor a record of an AWS flow log`;
      return;
    }
    this.#fields ??= new Map(DEFAULT_FIELDS.map((name, at) => [name, at]));
    this.#record(this.#fields, text);
  }

  ending(): LogEnding {
    this.#once.flush();
    return { format: this.#fields === null ? '' : 'aws-flow-log', tells: TELLS, refusal: this.#refusal };
  }

  #record(fields: Fields, text: string): void {
    const cells = this.#hasCommas ? csvCells(text) : plainCells(text);
    if (cells === null || cells.length < fields.size) {
      this.#tally.reject(`the line has not the ${fields.size} fields of the format`);
      return;
    }
    this.#cells = cells;
    const status = this.#cell('log-status');
    if (status === 'NODATA' || status === 'SKIPDATA') {
      this.#tally.skip(`an AWS record without traffic (${status})`);
      return;
    }
    const reason = this.#read();
    if (reason !== null) this.#tally.reject(reason);
  }

  #cell(name: string): string {
    const at = this.#fields?.get(name);
    const text = at === undefined ? '' : (this.#cells[at] ?? '').trim();
    return text === '-' ? '' : text;
  }

  #read(): string | null {
    const observation = this.#observation;
    const at = instantOfText(this.#cell('start'));
    if (at === null) return `start is "${shown(this.#cell('start'))}", which is no time`;
    const packets = countOf(this.#cell('packets'));
    const bytes = countOf(this.#cell('bytes'));
    if (packets === null || bytes === null) return 'the record has no packets and bytes';
    const reason = fillTuple(
      observation,
      {
        // The addresses of the packet itself, where the record has them: the others may be those of an interface on its way.
        source: this.#cell('pkt-srcaddr') || this.#cell('srcaddr'),
        destination: this.#cell('pkt-dstaddr') || this.#cell('dstaddr'),
        protocol: this.#cell('protocol'),
        sourcePort: this.#cell('srcport'),
        destinationPort: this.#cell('dstport'),
      },
      this.#options,
    );
    if (reason !== null) return reason;
    const { source, destination, sourcePort, destinationPort, protocol } = observation;
    this.#once.add({
      ...{ source, destination, sourcePort, destinationPort, protocol, at, packets, bytes },
      line: this.#tally.line,
      ends: instantOfText(this.#cell('end')) ?? at,
      back: null,
      side: sideOf(this.#cell('flow-direction')),
      isRefused: this.#cell('action') === 'REJECT',
      initiator: this.#initiator(sourcePort, destinationPort),
    });
    return null;
  }

  /** Flags of a window are joined, and ACK alone is left out: SYN without ACK is the end that began. */
  #initiator(sourcePort: number, destinationPort: number): 0 | 1 | 2 {
    const flags = countOf(this.#cell('tcp-flags')) ?? 0;
    if ((flags & SYN_ACK) === SYN) return 1;
    if ((flags & SYN_ACK) === SYN_ACK) return 2;
    return initiatorByPorts(sourcePort, destinationPort);
  }
}

/** Fields of a header line; Athena writes `_` for `-`. */
function headerOf(text: string): Fields | null {
  if (!/\bdst_?addr\b/i.test(text)) return null;
  const cells = text.includes(',') ? csvCells(text) : text.trim().split(/\s+/);
  const names = (cells ?? []).slice(0, FIELDS_MAX).map((cell) =>
    cell
      .trim()
      .toLowerCase()
      .replace(/^\$\{(.*)\}$/, '$1')
      .replaceAll('_', '-'),
  );
  const fields = new Map(names.map((name, at): [string, number] => [name, at]));
  return ['srcaddr', 'dstaddr', 'bytes', 'start'].every((name) => fields.has(name)) ? fields : null;
}

/** Exports from CloudWatch put the time of the log event in front. */
function plainCells(text: string): readonly string[] {
  const cells = text.trim().split(/\s+/);
  return /^\d{4}-\d\d-\d\dT/.test(cells[0] ?? '') ? cells.slice(1) : cells;
}

export function openAws(options: LogOptions): LogReader {
  const tally = new LogTally();
  return new LineLog(tally, new AwsRecords(options, tally));
}

/** Whether a file that begins with these bytes is an AWS flow log. */
export function isAws(head: Uint8Array): boolean {
  const first = firstLine(head);
  return DEFAULT_LINE.test(first) || headerOf(first) !== null;
}
