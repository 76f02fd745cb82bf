// Why a foreign text is not read at all. Nothing half-made comes out of an importer: a policy, or this.

import type { Problem } from '#model';
import type { Imported } from '../imported.ts';
import { plainText } from './plain.ts';

/** One foreign text; `file` is named in places and in the policy's first comment. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

/** How much of what a foreign text leaves open is carried. */
export interface OpenOptions {
  /** Also permit what the text does not hold, as the foreign system does; otherwise the policy denies it by default. */
  readonly isOpen?: boolean;
}

export function filesOf(sources: readonly Source[]): string {
  return sources.map(({ file }) => file).join(', ');
}

/** The text cannot be read as what it should be. */
export const UNREADABLE = 'PICKET-I020';
/** The text is longer or deeper than any such text is. */
export const TOO_LARGE = 'PICKET-I021';

/** Characters of a foreign text. A cluster's or a router's policies are below a tenth of it. */
export const TEXT_MAX = 16 * 1024 * 1024;

export function refusal(
  code: string,
  message: string,
  where?: { file: string; line: number; column: number },
): Problem {
  const place = where === undefined ? null : { ...where, length: 1, path: '' };
  return { code, severity: 'error', message: plainText(message, 300), place, help: null };
}

export function isRefusal(value: Imported | Problem): value is Problem {
  return 'severity' in value;
}

export function isTooLong(text: string): boolean {
  return text.length > TEXT_MAX;
}

export function tooLong(): Problem {
  return refusal(TOO_LARGE, `the text has more than ${TEXT_MAX} characters`);
}
