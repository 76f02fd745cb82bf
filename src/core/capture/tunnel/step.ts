// What a tunnel header says: which tunnel it is and what lies behind it. One object, reused.

import { NO_NUMBER } from './kinds.ts';

/** What lies behind a tunnel header. `closed`: encrypted, or nothing we can tell. */
export type Content = 'ip' | 'ethernet' | 'ppp' | 'labels' | 'typed' | 'closed';

export interface Step {
  kind: number;
  number: number;
  content: Content;
  /** EtherType of a `typed` content. */
  type: number;
  /** Where the content begins. */
  at: number;
}

export function newStep(): Step {
  return { kind: 0, number: NO_NUMBER, content: 'closed', type: 0, at: 0 };
}

/** Reads the tunnel header that lies in `data` from `at` up to `to` into `step`; false when there is none. */
export type StepReader = (data: Uint8Array, at: number, to: number, step: Step) => boolean;

/** Sets which tunnel it is; what is inside stays unknown until `setContent`. */
export function setTunnel(step: Step, kind: number, number: number): void {
  step.kind = kind;
  step.number = number;
  step.content = 'closed';
  step.type = 0;
  step.at = 0;
}

export function setContent(step: Step, content: Content, at: number, type = 0): void {
  step.content = content;
  step.at = at;
  step.type = type;
}
