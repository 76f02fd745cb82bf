// How well the denials meet the labels: caught, missed and falsely denied, per packet and per labelled flow record.

import type { AddressTable, Observation, Verdict } from '#model';
import { countText } from '../output/text.ts';
import type { FlowCount } from './flows.ts';
import { flowKey, type LabelRecord, type Labels } from './labels.ts';
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

/** Only enforced denials count as caught or false: a recorded one let the packet pass. */
export class Scorer {
  readonly packets = newScore();
  readonly #labels: Labels;
  readonly #addresses: AddressTable;
  readonly #byFlow = new WeakMap<FlowCount, readonly LabelRecord[]>();
  /** By record of the labels file: whether anything of it was denied. */
  readonly #judged = new Map<LabelRecord, boolean>();

  constructor(labels: Labels, addresses: AddressTable) {
    this.#labels = labels;
    this.#addresses = addresses;
  }

  add(observation: Observation, verdict: Verdict, at: { readonly place: PacketPlace; readonly flow: FlowCount }): void {
    const seen = { isDenied: verdict.reasons !== 0 && verdict.isEnforced, count: observation.packets };
    if (this.#labels.kind === 'packets') {
      const label = this.#labels.byNumber[at.place.number] ?? 0;
      add(this.packets, label === 0 ? null : label === 2, seen);
      return;
    }
    const record = this.#recordOf(observation, at);
    add(this.packets, record?.isMalicious ?? null, seen);
    if (record !== null) this.#judged.set(record, seen.isDenied || this.#judged.get(record) === true);
  }

  /** Per labelled record that had traffic; null for labels per packet. */
  flows(): (Score & { readonly unseen: number }) | null {
    if (this.#labels.kind === 'packets') return null;
    const score = newScore();
    for (const [{ isMalicious }, isDenied] of this.#judged) add(score, isMalicious, { isDenied, count: 1 });
    return { ...score, unseen: Math.max(0, this.#labels.count - this.#judged.size) };
  }

  /** A line for stderr when the labels do not fit the input of `count` packets, so that a wrong file does not pass for a result. */
  note(count: number): string | null {
    const labels = this.#labels;
    if (labels.kind === 'flows') {
      if (labels.count === 0 || this.#judged.size > 0) return null;
      return `note: none of the ${countText(labels.count)} labelled flows is in the traffic that was judged; the labels may belong to another file`;
    }
    if (labels.byNumber[0] !== 0)
      return 'note: the labels begin at packet 0, but packets count from 1; every label may be off by one';
    const last = labels.byNumber.length - 1;
    if (last === count) return null;
    return `note: the labels end at packet ${countText(last)}, but the capture at packet ${countText(count)}; check that they belong together`;
  }

  /** By Zeek's id where both sides have it, else by ends, protocol and time. */
  #recordOf(
    observation: Observation,
    { place, flow }: { readonly place: PacketPlace; readonly flow: FlowCount },
  ): LabelRecord | null {
    if (this.#labels.kind === 'packets') return null;
    const byUid = place.uid === undefined ? undefined : this.#labels.byUid.get(place.uid);
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
