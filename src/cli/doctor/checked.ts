// What a check of `picket doctor` is given and what it answers. A check looks and never changes anything.

import type { Instant } from '#model';
import type { Machine } from '../machine.ts';

export interface Surroundings {
  readonly machine: Machine;
  readonly now: Instant;
  /** Version of this picket. */
  readonly version: string;
  readonly stateFolder: string;
  readonly socket: string;
}

/** Each has a page in pages/doctor.ts. */
export type DoctorCode = `PICKET-D0${number}`;

export interface Checked {
  readonly code: DoctorCode;
  readonly name: string;
  /** fail: a gateway cannot work. warn: it can, but not as well, or not all could be seen. */
  readonly state: 'ok' | 'warn' | 'fail';
  /** What was found, one line. */
  readonly found: string;
  /** The way out, null where nothing is wrong. */
  readonly help: string | null;
}

export type Check = (surroundings: Surroundings) => Promise<readonly Checked[]>;

type Facts = Pick<Checked, 'code' | 'name' | 'found'>;

export function ok(facts: Facts): Checked {
  return { ...facts, state: 'ok', help: null };
}

export function warn(facts: Facts, help: string): Checked {
  return { ...facts, state: 'warn', help };
}

export function fail(facts: Facts, help: string): Checked {
  return { ...facts, state: 'fail', help };
}
