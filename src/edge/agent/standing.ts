// How the policy in force stands to the domain's: which revision of the domain it is, or that it is a local one, by whom. On disk, so that a restart
// still knows and still reports it. Not the policy.

import { join } from 'node:path';
import type { Collected } from '#link';
import { readWhole, removeFile, writeWhole } from './files.ts';

export interface Standing {
  /** Revision of the domain in force, 0 for none. */
  readonly inForce: number;
  readonly local: Collected['local'];
}

const FILE = 'local.json';

export function readLocal(folder: string): Collected['local'] {
  const text = readWhole(join(folder, FILE));
  if (text === null) return null;
  const value = parsed(text);
  const isWhole = typeof value === 'object' && value !== null && 'sinceMs' in value && 'by' in value && 'why' in value;
  if (isWhole && typeof value.sinceMs === 'number' && typeof value.by === 'string' && typeof value.why === 'string')
    return { sinceMs: value.sinceMs, by: value.by, why: value.why };
  // Damaged or not: there is a local policy, and that has to be told.
  return { sinceMs: 0, by: 'unknown', why: 'unknown' };
}

export function writeLocal(folder: string, local: Collected['local']): void {
  if (local === null) removeFile(join(folder, FILE));
  else writeWhole(join(folder, FILE), `${JSON.stringify(local)}\n`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
