// Failed logons slow down their own source, and nobody else: counted by source, and by source and account together. There is no lock on an account.

import { Refusal, type RequestFacts } from '#routes';
import { failuresOf, noteFailures } from '#store';
import type { Parts } from './parts.ts';
import { isSame, newId, textOf } from './secrets.ts';
import { cookie, cookieOf } from './sessions.ts';

/** Nothing that is guessed here is short: these bounds are against noise, and for the codes of eight letters. */
const WINDOW_MS = 15 * 60 * 1_000;
const BY_SOURCE_MAX = 50;
const BY_PAIR_MAX = 10;

/** Set in browsers in which somebody logged on: they are a source of their own, whatever others do at the same address. */
export const DEVICE_COOKIE = '__Host-picket-device';
const DEVICE_LIFE_MS = 90 * 24 * 60 * 60 * 1_000;
const MAC_CHARS = 22;

export interface Attempt {
  readonly means: 'passkey' | 'link' | 'code' | 'oidc';
  readonly facts: RequestFacts;
  /** What is tried: a credential, a code, a link. Empty where nothing is named. */
  readonly account: string;
}

/** Refuses where there were too many failures. */
export async function refuseFlood(parts: Parts, attempt: Attempt): Promise<void> {
  const now = parts.now();
  const { source, pair } = keysOf(parts, attempt);
  const counts = await failuresOf(parts.store.db, [source, pair], now - WINDOW_MS);
  if ((counts.get(source) ?? 0) < BY_SOURCE_MAX && (counts.get(pair) ?? 0) < BY_PAIR_MAX) return;
  throw new Refusal({
    code: 'PICKET-C504',
    message: 'too many logons failed from there in the last minutes; nothing was changed',
    retryAfterSeconds: WINDOW_MS / 1_000,
  });
}

export async function countFailure(parts: Parts, attempt: Attempt): Promise<void> {
  const now = parts.now();
  const { source, pair } = keysOf(parts, attempt);
  await noteFailures(parts.store.db, [source, pair], { now, since: now - WINDOW_MS });
}

/** The refusals of `work` count as failures; what went wrong otherwise does not. */
export async function attempted<T>(parts: Parts, attempt: Attempt, work: () => Promise<T>): Promise<T> {
  try {
    await refuseFlood(parts, attempt);
  } catch (error) {
    tellFailure(parts, attempt, error);
    throw error;
  }
  try {
    return await work();
  } catch (error) {
    tellFailure(parts, attempt, error);
    if (error instanceof Refusal) await countFailure(parts, attempt);
    throw error;
  }
}

function tellFailure(parts: Parts, { facts, means }: Attempt, error: unknown): void {
  if (error instanceof Refusal) parts.logonFailed?.({ address: facts.peerAddress, means, code: error.code });
}

/** Counts begun before this are over. */
export function windowStart(now: number): number {
  return now - WINDOW_MS;
}

export function deviceCookie({ keyring, random }: Parts): string {
  const id = newId(random);
  return cookie(DEVICE_COOKIE, `${id}.${deviceMac(keyring, id)}`, DEVICE_LIFE_MS);
}

function keysOf({ keyring }: Parts, { facts, account }: Attempt): { readonly source: string; readonly pair: string } {
  const source = deviceOf(keyring, facts) ?? `address ${networkOf(facts.peerAddress)}`;
  // Hashed, so that nothing of what was tried is kept.
  return { source, pair: textOf(keyring.mac('failure', source, account)) };
}

function deviceOf(keyring: Parts['keyring'], facts: RequestFacts): string | null {
  const [id = '', mac = ''] = (cookieOf(facts.cookie, DEVICE_COOKIE) ?? '').split('.');
  return id !== '' && isSame(deviceMac(keyring, id), mac) ? `device ${id}` : null;
}

function deviceMac(keyring: Parts['keyring'], id: string): string {
  return textOf(keyring.mac('device', id)).slice(0, MAC_CHARS);
}

/** One host has a whole /64 of IPv6. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail = ''] = (address.split('%')[0] ?? '').split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const gap = address.includes('::') ? Math.max(0, 8 - left.length - right.length) : 0;
  return [...left, ...Array.from({ length: gap }, () => '0'), ...right].slice(0, 4).join(':');
}
