// Times of a report held against this controller's clock: an agent's may be wrong by years, and must not put rows there or age out those of others.
// Not the store's own bound on single rows.

import type { Report } from '#wire';

/** Clocks agree to a second where NTP runs; what is further ahead was not yet. */
const AHEAD_MS_MAX = 5 * 60_000;
/** A report waits on its agent as long as no controller takes it; roll-ups of minutes are kept for a week. */
const BEHIND_MS_MAX = 7 * 86_400_000;

export interface Timely {
  /** The report, moved as a whole so that it ends now where its clock cannot be believed. */
  readonly told: Report;
  /** What the agent's clock is ahead, negative where it is behind; null where it is believed. */
  readonly aheadMs: number | null;
}

export function timely(report: Report, nowMs: number): Timely {
  const aheadMs = report.toMs - nowMs;
  if (aheadMs <= AHEAD_MS_MAX && aheadMs >= -BEHIND_MS_MAX) return { told: within(report, nowMs, 0), aheadMs: null };
  return { told: within(report, nowMs, aheadMs), aheadMs };
}

/** No time of it is later than the controller's, nor before 1970. */
function within(report: Report, nowMs: number, byMs: number): Report {
  const at = (time: number): number => Math.max(0, Math.min(time - byMs, nowMs + AHEAD_MS_MAX));
  const seen = <Row extends { readonly firstMs: number; readonly lastMs: number }>(row: Row): Row => ({
    ...row,
    firstMs: at(row.firstMs),
    lastMs: at(row.lastMs),
  });
  return {
    ...report,
    fromMs: at(report.fromMs),
    toMs: at(report.toMs),
    flows: report.flows.map((row) => ({ ...seen(row), minuteMs: at(row.minuteMs) })),
    findings: report.findings.map((row) => ({ ...row, atMs: at(row.atMs) })),
    newcomers: report.newcomers.map(seen),
    elements: report.elements.map((row) => ({ ...row, lastMs: row.lastMs === null ? null : at(row.lastMs) })),
    proposals: report.proposals.map(seen),
  };
}
