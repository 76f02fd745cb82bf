// How well the denials meet the labels: caught, missed and falsely denied, per packet and per labelled flow record.

import type { AddressTable, Observation, Verdict } from '#model';
import { countText } from '../output/text.ts';
import type { FlowCount } from './flows.ts';
import { flowKey, isMaliciousLabel, type LabelRecord, type Labels } from './labels.ts';
import type { PacketPlace } from './tally.ts';

export interface Score {
  malicious: number;
  caught: number;
  missed: number;
  benign: number;
  falselyDenied: number;
  unlabelled: number;
}

/** Clocks of a log and a capture of the same traffic may differ by this much. */
const SLACK_MICROS = 1_000;

const newScore = (): Score => ({ malicious: 0, caught: 0, missed: 0, benign: 0, falselyDenied: 0, unlabelled: 0 });

/** One labelled flow record that had traffic. */
interface Judged {
  readonly isMalicious: boolean;
  isDenied: boolean;
}

/** Only enforced denials count as caught or false: a recorded one let the packet pass. */
export class Scorer {
  readonly packets = newScore();
  readonly #labels: Labels;
  readonly #addresses: AddressTable;
  readonly #areOwn: boolean;
  readonly #byFlow = new WeakMap<FlowCount, readonly LabelRecord[]>();
  /** By record of the labels file, or, for a log's own labels, by its number. */
  readonly #judged = new Map<LabelRecord | number, Judged>();

  /** `areOwn`: the labels stand in the replayed log itself, so each record knows its own. */
  constructor(labels: Labels, addresses: AddressTable, areOwn = false) {
    this.#labels = labels;
    this.#addresses = addresses;
    this.#areOwn = areOwn;
  }

  add(observation: Observation, verdict: Verdict, at: { readonly place: PacketPlace; readonly flow: FlowCount }): void {
    const seen = { isDenied: verdict.reasons !== 0 && verdict.isEnforced, count: observation.packets };
    if (this.#labels.kind === 'packets') {
      const label = this.#labels.byNumber[at.place.number] ?? 0;
      add(this.packets, label === 0 ? null : label === 2, seen);
      return;
    }
    const own = this.#areOwn ? at.place.record?.labels[0] : undefined;
    const record = own === undefined ? this.#recordOf(observation, at) : at.place.number;
    const isMalicious = own === undefined ? labelOf(record) : isMaliciousLabel(own);
    add(this.packets, isMalicious, seen);
    if (record === null || isMalicious === null) return;
    const judged = this.#judged.get(record) ?? { isMalicious, isDenied: false };
    judged.isDenied ||= seen.isDenied;
    this.#judged.set(record, judged);
  }

  /** Per labelled record that had traffic; null for labels per packet. */
  flows(): (Score & { readonly unseen: number }) | null {
    if (this.#labels.kind === 'packets') return null;
    const score = newScore();
    for (const { isMalicious, isDenied } of this.#judged.values()) add(score, isMalicious, { isDenied, count: 1 });
    return { ...score, unseen: Math.max(0, this.#labels.count - this.#judged.size) };
  }

  /** A line for stderr when the labels do not fit the input of `count` packets, so that a wrong file does not pass for a result. */
  note(count: number): string | null {
    const labels = this.#labels;
    if (labels.kind === 'flows') {
      if (labels.count === 0 || this.#judged.size > 0) return null;
      return `note: none of the ${countText(labels.count)} labelled flows is in the traffic that was judged; the labels may belong to another file`;
    }
    const last = labels.byNumber.length - 1;
    if (last === count) return null;
    const fit = `the labels end at packet ${countText(last)}, but the capture at packet ${countText(count)}`;
    return `note: ${fit}; ${last > count ? 'they may belong to another file' : 'packets without a label are counted apart'}`;
  }

  /** By Zeek's id where both sides have it, else by ends, protocol and time. */
  #recordOf(
    observation: Observation,
    { place, flow }: { readonly place: PacketPlace; readonly flow: FlowCount },
  ): LabelRecord | null {
    if (this.#labels.kind === 'packets') return null;
    const byUid = place.record === undefined ? undefined : this.#labels.byUid.get(place.record.uid);
    return byUid ?? recordAt(this.#recordsOf(flow), observation.at);
  }

  #recordsOf(flow: FlowCount): readonly LabelRecord[] {
    const known = this.#byFlow.get(flow);
    if (known !== undefined || this.#labels.kind === 'packets') return known ?? [];
    const a = this.#addresses.text(flow.a);
    const b = this.#addresses.text(flow.b);
    const found = this.#labels.byFlow.get(flowKey({ ...flow, a, b })) ?? [];
    this.#byFlow.set(flow, found);
    return found;
  }
}

function labelOf(record: LabelRecord | number | null): boolean | null {
  return record === null || typeof record === 'number' ? null : record.isMalicious;
}

/** The record that was running: the last that began by `at`, else the first. */
function recordAt(records: readonly LabelRecord[], at: number): LabelRecord | null {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle]?.at ?? 0) <= at + SLACK_MICROS) low = middle + 1;
    else high = middle;
  }
  return records[Math.max(0, low - 1)] ?? null;
}

function add(
  score: Score,
  isMalicious: boolean | null,
  seen: { readonly isDenied: boolean; readonly count: number },
): void {
  if (isMalicious === null) score.unlabelled += seen.count;
  else if (isMalicious) {
    score.malicious += seen.count;
    if (seen.isDenied) score.caught += seen.count;
    else score.missed += seen.count;
  } else {
    score.benign += seen.count;
    if (seen.isDenied) score.falselyDenied += seen.count;
  }
}
