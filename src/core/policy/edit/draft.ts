// A policy text that somebody wants to put in force, or why there is none. Not a check: the text is parsed like any other.

import type { Policy } from '#model';
import { type Edit, editText } from './text.ts';

/** A text that is to be put in force. */
export interface Draft {
  readonly text: string;
  /** Names the text in problems. */
  readonly file: string;
  readonly why: string;
  /** Denies nothing that is permitted now, so nobody can lock himself out by it. */
  readonly isLoosening: boolean;
}

export interface InForce {
  readonly policy: Policy;
  readonly text: string;
}

/** Why there is no draft: the policy has nothing of that name, has it already, or its text is none that a program changes in place. */
export interface EditRefusal {
  readonly refusal: 'unknown' | 'taken' | 'not-in-place';
  readonly message: string;
  readonly help: string;
}

/** What changed texts are called in problems. */
const FILE = 'the policy in force, changed';

export function draftOf(
  { text }: InForce,
  edits: readonly Edit[],
  what: { readonly why: string; readonly isLoosening: boolean },
): Draft | EditRefusal {
  const changed = editText(text, edits);
  if (changed !== null) return { text: changed, file: FILE, ...what };
  return {
    refusal: 'not-in-place',
    message:
      'cannot change single entries of this policy: it is not plain YAML or JSON (JSON with comments is not changed in place)',
    help: 'change the text and apply it whole: picket policy apply FILE',
  };
}

export function unknown(message: string, help: string): EditRefusal {
  return { refusal: 'unknown', message: `${message}; nothing was changed`, help };
}

export function isRefused<Value extends object>(value: Value | EditRefusal): value is EditRefusal {
  return 'refusal' in value;
}
