// The closed lists of words that the language knows. Not the keys of the document: see fields.ts.

import { PROTOCOL } from '#model';

export const MODES = ['observe', 'protect', 'enforce'] as const;

/** Protocols by the names people write. Any other IANA number may be written as a number. */
export const PROTOCOLS: ReadonlyMap<string, number> = new Map(Object.entries(PROTOCOL));

const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map([...PROTOCOLS].map(([name, number]) => [number, name]));

export function protocolText(protocol: number | null): string {
  return protocol === null ? 'any' : (PROTOCOL_NAMES.get(protocol) ?? String(protocol));
}

/** The number of `tcp`, `6`, or null for any other text. */
export function parseProtocol(text: string): number | null {
  const known = PROTOCOLS.get(text.toLowerCase());
  if (known !== undefined) return known;
  if (!/^[0-9]{1,3}$/.test(text)) return null;
  const number = Number(text);
  return number <= 255 ? number : null;
}

/** Ids of elements, services, rules and guardrails. Long enough for learned ones. */
export const ID = /^[a-z0-9][a-z0-9_.-]{0,127}$/;

/** Words that a selector gives a meaning of its own. */
export const RESERVED_IDS: ReadonlySet<string> = new Set(['any', 'internet', 'not', 'may', 'use']);

export const LABEL_KEY = /^[A-Za-z0-9][A-Za-z0-9_./-]{0,62}$/;
/** What a selector can say without quoting. */
export const LABEL_VALUE = /^[^\s()&|!=,"'#]{1,128}$/;
/** `kind=` and `name=` are atoms of their own. */
export const RESERVED_LABELS: ReadonlySet<string> = new Set(['kind', 'name']);
