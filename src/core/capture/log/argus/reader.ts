// Reads argus flow records as text: what `ra` prints, by commas or aligned, and the CTU spelling of it (.binetflow). Not argus' binary files: `ra` reads those.
// Bytes count whole frames. Times without a zone are taken as UTC.

import { hasPorts, newObservation, parseMac, SECOND } from '#model';
import { csvCells } from '../cells.ts';
import { turnRound } from '../ends.ts';
import { firstLine } from '../head.ts';
import { LineLog } from '../line-log.ts';
import type { LogOptions, LogReader, LogTells } from '../reader.ts';
import { LogTally, TELLS_NOTHING } from '../tally.ts';
import { fillTuple } from '../tuple.ts';
import { countOf, instantOfText, microsOfText, protocolOf, shown } from '../values.ts';
import { type ArgusColumn, type ArgusColumns, argusColumns, spacedCells } from './columns.ts';
import { countsOf, initiatorOf } from './counts.ts';

const TELLS: LogTells = Object.freeze({ ...TELLS_NOTHING, flows: true, initiators: true });
const OF_ITSELF = 'an argus record about argus itself';
/** Protocols of argus that are no IP. */
const NO_IP = new Set([
  'arp',
  'rarp',
  'llc',
  'loop',
  'rtp',
  'rtcp',
  'lldp',
  'stp',
  'ether',
  'mpls',
  'ipx',
  'ipx/spx',
  'decnet',
  'isis',
  'eap',
  'eapol',
  'pppoe',
]);

class ArgusRecords {
  readonly #options: LogOptions;
  readonly #tally: LogTally;
  readonly #observation = newObservation();
  #header: readonly string[] = [];
  #columns: ArgusColumns = new Map();
  #hasCommas = false;
  #refusal = '';
  #cells: readonly string[] = [];

  constructor(options: LogOptions, tally: LogTally) {
    this.#options = options;
    this.#tally = tally;
  }

  line(text: string): void {
    if (this.#refusal !== '') return;
    if (this.#columns.size === 0) this.#begin(text);
    else if (!this.#isHeader(text)) this.#record(text);
  }

  ending(): { readonly format: string; readonly tells: LogTells; readonly refusal: string } {
    return { format: this.#columns.size === 0 ? '' : 'argus-text', tells: TELLS, refusal: this.#refusal };
  }

  #begin(text: string): void {
    const header = headerOf(text);
    if (header === null) {
      this.#refusal = `line ${this.#tally.line} is no header of argus text; needed: StartTime, Proto, SrcAddr, DstAddr and counts`;
      return;
    }
    this.#hasCommas = text.includes(',');
    this.#header = header.cells;
    this.#columns = header.columns;
  }

  /** Joined files repeat the header. */
  #isHeader(text: string): boolean {
    return text.includes('SrcAddr') && headerOf(text) !== null;
  }

  #record(text: string): void {
    const cells = this.#hasCommas ? csvCells(text) : spacedCells(text, this.#header, this.#columns);
    if (!this.#hasCommas && / man /.test(text)) {
      this.#tally.skip(OF_ITSELF);
      return;
    }
    if (cells === null || cells.length < this.#header.length) {
      this.#tally.reject(`the line has not the ${this.#header.length} cells of the header`);
      return;
    }
    this.#cells = cells;
    const protocol = this.#cell('protocol').toLowerCase();
    if (protocol === 'man') this.#tally.skip(OF_ITSELF);
    else if (NO_IP.has(protocol)) this.#tally.skip('an argus record of no IP');
    else {
      const reason = this.#read(protocol);
      if (reason !== null) this.#tally.reject(reason);
    }
  }

  #cell(column: ArgusColumn): string {
    const at = this.#columns.get(column);
    return at === undefined ? '' : (this.#cells[at] ?? '').trim();
  }

  #read(protocol: string): string | null {
    const observation = this.#observation;
    const at = argusInstant(this.#cell('start'));
    if (at === null) return `StartTime is "${shown(this.#cell('start'))}", which has no date; "ra -u" prints it`;
    if (protocol.endsWith('*')) return `Proto is "${shown(protocol)}", cut short by ra; "ra -c ," prints it whole`;
    const texts = {
      source: this.#cell('source'),
      destination: this.#cell('destination'),
      protocol,
      sourcePort: portText(this.#cell('sourcePort')),
      destinationPort: portText(this.#cell('destinationPort')),
    };
    const reason = fillTuple(observation, texts, this.#options);
    if (reason !== null)
      return hasPorts(protocolOf(protocol, 4)) ? `${reason}; "ra -n -c ," prints numbers, whole` : reason;
    const counts = countsOf((column) => countOf(this.#cell(column)));
    if (counts === null) return 'the record has no counts of packets and bytes';
    observation.at = at;
    observation.sourceMac = parseMac(this.#cell('sourceMac')) ?? -1;
    observation.destinationMac = parseMac(this.#cell('destinationMac')) ?? -1;
    observation.initiator = initiatorOf(this.#cell('direction'));
    observation.packets = counts.sent.packets;
    observation.bytes = counts.sent.bytes;
    this.#begun(at);
    const hasAnswer = counts.received.packets > 0 || counts.received.bytes > 0;
    if (counts.sent.packets > 0 || counts.sent.bytes > 0 || !hasAnswer) this.#options.sink.observe(observation);
    if (!hasAnswer) return null;
    turnRound(observation, counts.received);
    this.#options.sink.observe(observation);
    return null;
  }

  #begun(at: number): void {
    const label = this.#cell('label');
    const end = argusInstant(this.#cell('end')) ?? at + microsOfText(this.#cell('duration'));
    const labels = label === '' ? {} : { labels: [label] };
    this.#tally.begin(this.#options.sink, { ends: Math.max(at, end), ...labels });
  }
}

/** `2018/09/27 22:40:52.362768`, or seconds since 1970. A time of day alone is none. */
function argusInstant(text: string): number | null {
  const match = /^(\d{4})[/-](\d\d)[/-](\d\d)[ .T](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?$/.exec(text);
  if (match === null) return /^\d{6,}/.test(text) ? instantOfText(text) : null;
  const whole = instantOfText(`${match[1]}-${match[2]}-${match[3]}T${match[4]}Z`);
  return whole === null ? null : whole + Math.floor(Number(`0.${match[5] ?? '0'}`) * SECOND);
}

/** Some are written in hex. */
function portText(text: string): string {
  return /^0x[0-9a-f]{1,4}$/i.test(text) ? String(Number(text)) : text;
}

function headerOf(text: string): { readonly cells: readonly string[]; readonly columns: ArgusColumns } | null {
  const cells = text.includes(',') ? csvCells(text) : text.trim().split(/\s+/);
  const columns = cells === null ? null : argusColumns(cells);
  return cells === null || columns === null ? null : { cells, columns };
}

export function openArgus(options: LogOptions): LogReader {
  const tally = new LogTally();
  return new LineLog(tally, new ArgusRecords(options, tally));
}

/** Whether a file that begins with these bytes is argus text. */
export function isArgus(head: Uint8Array): boolean {
  return headerOf(firstLine(head)) !== null;
}
