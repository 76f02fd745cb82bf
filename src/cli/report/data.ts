// What a report shows, as plain data: made by the collector, drawn by the pages. Not the replay's result itself.

import type { Instant } from '#model';

export interface ReportData {
  readonly timezone: string;
  /** First and last instant with traffic, null when there was none. */
  readonly from: Instant | null;
  readonly to: Instant | null;
  readonly totals: Counts;
  readonly elements: readonly ElementReport[];
  readonly links: readonly Link[];
  /** Packets by first reason, denied and recorded together, most first. */
  readonly reasons: readonly { readonly reason: string; readonly packets: number }[];
  /** What was folded or left out because a table was full; empty when nothing was. */
  readonly notes: readonly string[];
}

/** Packets and bytes; `denied` were held, `recorded` would have been where the ends enforce. */
export interface Counts {
  packets: number;
  bytes: number;
  denied: number;
  recorded: number;
}

/** One element, or (kind '') an end that is no element. */
export interface ElementReport extends Readonly<Counts> {
  readonly id: string;
  readonly kind: string;
  readonly mode: string;
  /** Packets by hour of the local week, Monday 00 first, 168 cells. */
  readonly hours: readonly number[];
  /** Per cell: whether at least one of its rules is open during all (1) or a part (0.5) of it. */
  readonly open: readonly number[];
  readonly uses: readonly RuleUse[];
}

/** One element under one rule (or under none). */
export interface RuleUse extends Readonly<Counts> {
  /** Rule id, null where no rule governed. */
  readonly rule: string | null;
  readonly sentence: string;
  readonly role: 'initiator' | 'responder';
  /** Bytes per window of `windowText` that had traffic, in time order. */
  readonly volume: readonly {
    readonly start: Instant;
    readonly end: Instant;
    readonly sent: number;
    readonly received: number;
  }[];
  readonly windowText: string;
  readonly bands: readonly Band[];
  /** Packets by size in steps of `SIZE_STEP` bytes (1 to 50, 51 to 100 …), so that a limit of 1500 ends a bin; the last bin holds all larger ones. */
  readonly sizesSent: readonly number[];
  readonly sizesReceived: readonly number[];
  readonly sizeLimits: readonly {
    readonly min: number | null;
    readonly max: number | null;
    readonly direction: string;
  }[];
  readonly ports: readonly { readonly name: string; readonly packets: number }[];
  readonly operations: readonly { readonly name: string; readonly packets: number; readonly denied: number }[];
}

/** A volume floor and ceiling as drawn. */
export interface Band {
  readonly min: number | null;
  readonly max: number | null;
  readonly direction: string;
}

export interface Link extends Readonly<Counts> {
  readonly from: string;
  readonly to: string;
  readonly service: string;
  readonly rule: string | null;
}

/** One row of the denied list. */
export interface DeniedRow {
  readonly at: Instant;
  readonly from: string;
  readonly to: string;
  readonly service: string;
  readonly rule: string | null;
  readonly reasons: readonly string[];
  /** Observed value against the limit, in the reason's unit, '' where there is no number. */
  readonly why: string;
  readonly packets: number;
  readonly isEnforced: boolean;
}

/** Width of a packet-size bin in bytes, and how many bins: 1 to 1,550 and one for all that is larger. */
export const SIZE_STEP = 50;
export const SIZE_BINS = 32;
