// Instants and durations written on the command line. The grammar is the policy room's; only the complaint is ours.

import type { Instant, Micros } from '#model';
import { parseDuration, parseInstant } from '#policy';
import { wrongUsage } from './failure.ts';

/** The span that counts: from inclusive, to exclusive. */
export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

export function instantFlag(name: string, text: string, zone: string): Instant {
  const instant = parseInstant(text, zone);
  if (instant === null)
    throw wrongUsage(
      `cannot read "${text}" for --${name} as an instant`,
      'write 2026-03-01, 2026-03-01T08:30, or 2026-03-01T08:30:00Z',
    );
  return instant;
}

export function durationFlag(name: string, text: string): Micros {
  const micros = parseDuration(text);
  if (micros === null)
    throw wrongUsage(`cannot read "${text}" for --${name} as a duration`, 'write 90 s, 15 min, 12 h, 2 d');
  return micros;
}

export function spanOf(flags: { readonly from?: string; readonly to?: string }, zone: string): Span {
  const from = flags.from === undefined ? Number.NEGATIVE_INFINITY : instantFlag('from', flags.from, zone);
  const to = flags.to === undefined ? Number.POSITIVE_INFINITY : instantFlag('to', flags.to, zone);
  if (from >= to) throw wrongUsage('--from is not before --to, so no traffic would count');
  return { from, to };
}
