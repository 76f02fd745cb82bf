// What the detectors learned, kept over a restart. Not what a policy rests on: without it they learn anew.

import { join } from 'node:path';
import type { DetectorsMemory } from '#detect';
import { readWhole, writeWhole } from './files.ts';
import type { Parts } from './parts.ts';
import { STATE } from './state-files.ts';

export function writeMemory({ settled, monitor }: Parts): void {
  const memory = monitor.remember();
  writeWhole(
    join(settled.stateDirectory, STATE.memory),
    `${JSON.stringify({ schema: 'picket.memory/v1', ...memory })}\n`,
  );
}

/** Nothing where there is none, or where it cannot be read: then everything is learned anew, and until then no new edge is told. */
export function readMemory(path: string): { readonly memory?: DetectorsMemory } {
  const text = readWhole(path);
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text);
    return isMemory(value) ? { memory: value } : {};
  } catch {
    return {};
  }
}

function isMemory(value: unknown): value is DetectorsMemory {
  return (
    typeof value === 'object' &&
    value !== null &&
    'schema' in value &&
    value.schema === 'picket.memory/v1' &&
    'learnedMicros' in value &&
    typeof value.learnedMicros === 'number' &&
    'edges' in value &&
    Array.isArray(value.edges) &&
    'rhythms' in value &&
    Array.isArray(value.rhythms)
  );
}
