// Typed access to foreign JSON: maps, lists, texts and numbers with the path of whatever is wrong. Knows nothing of MUD.

import type { MudProblem } from './file.ts';
import { quoted } from './texts.ts';

/** A place in the document, and where its problems go. */
export interface Spot {
  readonly value: unknown;
  readonly path: string;
  readonly problems: MudProblem[];
}

/** More would not help anybody to mend the file. */
const PROBLEMS_MAX = 20;

export function complain({ path, problems }: Spot, message: string): void {
  if (problems.length < PROBLEMS_MAX) problems.push({ path: path === '' ? 'the document' : path, message });
}

/** The own entries of a map in the order of the text, or null (complained of). A Map, so that no key reaches a prototype. */
export function mapOf(spot: Spot): ReadonlyMap<string, Spot> | null {
  const { value, path, problems } = spot;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    complain(spot, `must be a map, and it is ${kindOf(value)}`);
    return null;
  }
  const entries: [string, unknown][] = Object.entries(value);
  return new Map(
    entries.map(([key, inner]) => [key, { value: inner, path: joined(path, quoted(key).slice(1, -1)), problems }]),
  );
}

export function listOf(spot: Spot): readonly Spot[] | null {
  const { value, path, problems } = spot;
  if (!Array.isArray(value)) {
    complain(spot, `must be a list, and it is ${kindOf(value)}`);
    return null;
  }
  const items: readonly unknown[] = value;
  return items.map((inner, at) => ({ value: inner, path: `${path}[${at}]`, problems }));
}

/** Longest text that is taken over; RFC 8520 bounds none but systeminfo (60) and URLs. */
const TEXT_MAX = 2_000;

export function textOf(spot: Spot): string | null {
  if (typeof spot.value !== 'string') {
    complain(spot, `must be a text, and it is ${kindOf(spot.value)}`);
    return null;
  }
  if (spot.value.length <= TEXT_MAX) return spot.value;
  complain(spot, `is longer than ${TEXT_MAX} characters`);
  return null;
}

/** A whole number in a range; digits in quotes pass too, as some makers write them. */
export function numberOf(spot: Spot, { min, max }: { readonly min: number; readonly max: number }): number | null {
  const { value } = spot;
  const number = typeof value === 'string' && /^[0-9]{1,9}$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max) return number;
  complain(spot, `must be a whole number from ${min} to ${max}`);
  return null;
}

export function booleanOf(spot: Spot): boolean | null {
  if (typeof spot.value === 'boolean') return spot.value;
  complain(spot, `must be true or false, and it is ${kindOf(spot.value)}`);
  return null;
}

/** The entry under its plain name or under the name with its YANG module in front. */
export function child(map: ReadonlyMap<string, Spot>, module: string, key: string): Spot | null {
  return map.get(`${module}:${key}`) ?? map.get(key) ?? null;
}

/** A key without the YANG module in front. */
export function bare(key: string): string {
  return key.slice(key.indexOf(':') + 1);
}

function joined(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : `a ${typeof value === 'string' ? 'text' : typeof value}`;
}
