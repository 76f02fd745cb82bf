// How far back recorded traffic of a controller is asked for, and in which steps. Flags of every command that reads it.

import { MILLISECOND } from '#model';
import { word } from '../commands/parameters.ts';
import type { Desk } from '../context.ts';
import { durationFlag } from '../times.ts';

export interface PastFlags {
  readonly since?: string;
  readonly per?: 'minute' | 'hour';
}

export const PAST_FLAGS = {
  since: {
    kind: 'parsed',
    parse: word,
    optional: true,
    brief: 'At a controller: how far back [1h, or 1d per hour]',
    placeholder: 'TIME',
  },
  per: {
    kind: 'enum',
    values: ['minute', 'hour'],
    optional: true,
    brief: 'At a controller: sums of minutes (kept for a week) or hours (kept for a year) [minute]',
  },
} as const;

/** The query of it; what is not stated is the controller's own. */
export function pastOf(
  { io }: Pick<Desk, 'io'>,
  { since, per }: PastFlags,
): { readonly since?: string; readonly span?: 'minute' | 'hour' } {
  return {
    ...(since === undefined
      ? {}
      : { since: new Date(Math.floor((io.now() - durationFlag('since', since)) / MILLISECOND)).toISOString() }),
    ...(per === undefined ? {} : { span: per }),
  };
}
