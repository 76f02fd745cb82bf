// Data records by their template: flows, and what options tell of the exporter. Every length is checked against the set.

import { u16 } from '../inspect/bytes.ts';
import { type Draft, type Field, newDraft, settle } from './elements.ts';
import { noteSampler } from './exporters.ts';
import { newFlowRecord, UNTOLD } from './flow.ts';
import type { Message } from './reading.ts';
import { type Template, VARIABLE } from './templates.ts';
import type { DataSet } from './waiting.ts';

const field: Field = { data: new Uint8Array(0), at: 0, length: 0 };

/** Reads the records of a set; how many there were. What is left behind the last one is padding. */
export function readData(set: DataSet, template: Template, message: Message): number {
  let count = 0;
  let at = set.at;
  while (at + template.bytesMin <= set.to) {
    const draft = draftOf(set);
    const next = readRecord(set, template, { at, draft });
    if (next < 0) {
      message.tally.reject('a record is longer than its set');
      break;
    }
    count++;
    if (template.isOptions) takeOptions(draft, set, message);
    else takeFlow(draft, set, message);
    at = next;
  }
  return count;
}

function draftOf(set: DataSet): Draft {
  const draft = newDraft(newFlowRecord());
  draft.exportedAt = set.exportedAt;
  draft.uptime = set.uptime;
  draft.systemInit = set.uptime === UNTOLD ? set.exporter.systemInit : UNTOLD;
  return draft;
}

/** Fills the draft with one record; where the next one begins, -1 when it does not fit. */
function readRecord(
  { data, to, version }: DataSet,
  template: Template,
  place: { readonly at: number; readonly draft: Draft },
): number {
  let { at } = place;
  field.data = data;
  for (const { length, take } of template.fields) {
    field.length = length;
    if (length === VARIABLE && version === 10) {
      // One byte, or 255 and two bytes (RFC 7011, 7).
      const isLong = data[at] === 255;
      field.length = isLong ? u16(data, at + 1) : (data[at] ?? 0);
      at += isLong ? 3 : 1;
    }
    if (at + field.length > to) return -1;
    field.at = at;
    take?.(place.draft, field);
    at += field.length;
  }
  return at;
}

function takeOptions({ record, sampler, systemInit }: Draft, { exporter }: DataSet, { tally }: Message): void {
  tally.optionRecords++;
  if (record.sampledOneIn > 1) noteSampler(exporter, sampler, record.sampledOneIn);
  if (systemInit !== UNTOLD) exporter.systemInit = systemInit;
}

function takeFlow(draft: Draft, { exporter, version }: DataSet, { tally, take }: Message): void {
  const { record } = draft;
  settle(draft);
  record.exporter = exporter.name;
  record.domain = exporter.domain;
  record.version = version;
  if (record.sampledOneIn === 1) record.sampledOneIn = exporter.samplers.get(draft.sampler) ?? exporter.sampledOneIn;
  if (record.sampledOneIn > 1) tally.sampledRecords++;
  take(record);
}
