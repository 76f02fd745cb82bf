// NetFlow 9 and IPFIX: sets of templates, options templates and data behind a header. Data that comes before its template waits a bounded while.

import { SECOND } from '#model';
import { u16, u32 } from '../inspect/bytes.ts';
import { readData } from './data.ts';
import { lostBefore } from './exporters.ts';
import { UNTOLD } from './flow.ts';
import type { Message } from './reading.ts';
import { readFields, TEMPLATE_MIN, templateOf } from './templates.ts';
import type { DataSet, SetPlace } from './waiting.ts';

export interface SetsLayout {
  readonly version: 9 | 10;
  readonly headerBytes: number;
  readonly templateSet: number;
  readonly optionsSet: number;
  /** Whether the header has the message's length; NetFlow 9 only counts records. */
  readonly hasLength: boolean;
}

/** Id and length of a set. */
const SET_HEADER_BYTES = 4;
/** Length of a message without one; a datagram holds no more. */
const MESSAGE_BYTES_MAX = 65_535;

/** As `messageLength`. A NetFlow 9 message ends where no set begins: at a version number, which is never the id of a set. */
export function setsLength(
  data: Uint8Array,
  at: number,
  { to, isLast, layout }: { readonly to: number; readonly isLast: boolean; readonly layout: SetsLayout },
): number {
  if (layout.hasLength) {
    const length = u16(data, at + 2);
    return length >= layout.headerBytes ? length : -1;
  }
  let next = at + layout.headerBytes;
  while (next + SET_HEADER_BYTES <= to) {
    const id = u16(data, next);
    if (!isSetId(id, layout)) return next - at;
    const length = u16(data, next + 2);
    if (length < SET_HEADER_BYTES) return -1;
    next += length;
    if (next - at > MESSAGE_BYTES_MAX) return -1;
  }
  return isLast || next - at > MESSAGE_BYTES_MAX ? next - at : 0;
}

function isSetId(id: number, layout: SetsLayout): boolean {
  return id >= TEMPLATE_MIN || id === layout.templateSet || id === layout.optionsSet;
}

/** Reads a whole message. */
export function readSets(message: Message, layout: SetsLayout): void {
  const { data } = message;
  const isNine = layout.version === 9;
  const domain = u32(data, isNine ? 16 : 12);
  const sequence = u32(data, isNine ? 12 : 8);
  const exporter = message.exporters.of(message.exporter, domain, layout.version);
  const exportedAt = u32(data, isNine ? 8 : 4) * SECOND;
  const common = { data, exporter, version: layout.version, exportedAt, uptime: isNine ? u32(data, 4) : UNTOLD };
  const optionsBefore = message.tally.optionRecords;
  const records = walkSets(message, layout, common);
  const options = isNine ? 0 : message.tally.optionRecords - optionsBefore;
  const count = isNine ? 1 : records;
  const gap = lostBefore(exporter, { sequence, count, options });
  message.tally.miss(isNine ? 'lostMessages' : 'lostRecords', { gap, count });
}

/** Reads the sets in turn; how many data records they hold, -1 when that cannot be told. */
function walkSets(message: Message, layout: SetsLayout, common: Omit<DataSet, 'at' | 'to'>): number {
  const { data, tally } = message;
  let records = 0;
  for (let at = layout.headerBytes; at + SET_HEADER_BYTES <= data.length; ) {
    const length = u16(data, at + 2);
    if (length < SET_HEADER_BYTES || at + length > data.length) {
      tally.reject('a set is longer than its message');
      return UNTOLD;
    }
    const place = { ...common, id: u16(data, at), at: at + SET_HEADER_BYTES, to: at + length };
    const count = readSet(message, layout, place);
    records = count < 0 || records < 0 ? UNTOLD : records + count;
    at += length;
  }
  return records;
}

/** Reads one set; its data records, -1 when that cannot be told. */
function readSet(message: Message, layout: SetsLayout, place: SetPlace): number {
  const { tally, waiting } = message;
  if (place.id === layout.templateSet) readTemplates(message, layout, place);
  else if (place.id === layout.optionsSet) readOptionsTemplates(message, layout, place);
  else if (place.id >= TEMPLATE_MIN) {
    const template = place.exporter.templates.get(place.id, message.templatesNotBefore);
    if (template !== undefined) return readData(place, template, message);
    waiting.keep(place, message.receivedAt);
    return UNTOLD;
  } else tally.skip('a set of a kind that no standard defines tells no flow');
  return 0;
}

function readTemplates(message: Message, layout: SetsLayout, place: SetPlace): void {
  const { data, to } = place;
  for (let at = place.at; at + 4 <= to; ) {
    const id = u16(data, at);
    const count = u16(data, at + 2);
    // Zeros behind the last template are padding.
    if (id < TEMPLATE_MIN && count > 0) {
      message.tally.reject('a template has a number that is none');
      return;
    }
    if (count === 0) withdraw(layout, place, { id, isOptions: false });
    const list = { data, at: at + 4, to, count, hasEnterprises: layout.version === 10 };
    const next = count === 0 ? at + 4 : define(message, layout, { place, id, list, isOptions: false });
    if (next < 0) return;
    at = next;
  }
}

function readOptionsTemplates(message: Message, layout: SetsLayout, place: SetPlace): void {
  const { data, to } = place;
  const isNine = layout.version === 9;
  for (let at = place.at; at + 4 <= to; ) {
    const id = u16(data, at);
    const second = u16(data, at + 2);
    if (!isNine && second === 0) {
      withdraw(layout, place, { id, isOptions: true });
      at += 4;
      continue;
    }
    // Padding, which is shorter than a header with its fields.
    if (id < TEMPLATE_MIN || at + 6 > to) return;
    // NetFlow 9 gives lengths in bytes of scopes and options, IPFIX counts all fields and then the scopes.
    const count = isNine ? Math.floor((second + u16(data, at + 4)) / 4) : second;
    const list = { data, at: at + 6, to, count, hasEnterprises: !isNine };
    const scopes = isNine ? Math.floor(second / 4) : u16(data, at + 4);
    const next = define(message, layout, { place, id, list, isOptions: true, scopes });
    if (next < 0) return;
    at = next;
  }
}

/** A template without fields takes one back (RFC 7011, 8.1); one with the number of its kind of set takes back all. NetFlow 9 has no such thing. */
function withdraw(
  layout: SetsLayout,
  { exporter }: SetPlace,
  { id, isOptions }: { readonly id: number; readonly isOptions: boolean },
): void {
  if (layout.version !== 10) return;
  if (id >= TEMPLATE_MIN) exporter.templates.withdraw(id);
  else if (id === (isOptions ? layout.optionsSet : layout.templateSet)) exporter.templates.withdrawAll(isOptions);
}

interface Definition {
  readonly place: SetPlace;
  readonly id: number;
  readonly list: Parameters<typeof readFields>[0];
  readonly isOptions: boolean;
  /** Leading fields that say what options apply to. */
  readonly scopes?: number;
}

/** Takes one template; where the next one begins, -1 when that cannot be told. */
function define(message: Message, layout: SetsLayout, definition: Definition): number {
  const { place, id, isOptions, scopes = 0 } = definition;
  const read = readFields(definition.list);
  if (read === null) {
    message.tally.reject('a template is longer than its set, or has more than 1,024 fields');
    return -1;
  }
  // Scopes of NetFlow 9 have numbers of their own kind, so they are no elements of a flow.
  const isScopeless = layout.version === 9;
  const fields = read.fields.map((field, at) => (isScopeless && at < scopes ? { ...field, take: null } : field));
  const isVariable = layout.version === 10;
  const template = templateOf(fields, { isOptions, isVariable, at: message.receivedAt });
  if (template === null) message.tally.reject('a template whose records would have no bytes');
  else {
    message.tally.templates++;
    place.exporter.templates.set(id, template);
    for (const set of message.waiting.take(place.exporter, id)) readData(set, template, message);
  }
  return read.at;
}
