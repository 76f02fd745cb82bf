// Codes of programs that have no browser: the program shows one, a person lets it in, the program asks what became of it and gets a session, once.

import { randomInt } from 'node:crypto';
import { type Actor, Refusal, type RequestFacts } from '#routes';
import { addLogonCode, CODE_LIFE_MS, decideCode, type LogonCodeRow, polledCode, user, waitingCode } from '#store';
import { attempted, networkOf } from './failures.ts';
import { NO_DOMAIN, type Parts, performAs, personOf } from './parts.ts';
import { hashOf, newSecret } from './secrets.ts';
import { type Begun, beginSession } from './sessions.ts';

/** No vowels: they form no words. 20 to the power of 8 is 34 bits, for ten minutes, behind a logon that counts failures. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 8;
const TRIES_MAX = 3;
/** Between two polls. */
export const POLL_SECONDS = 2;

export interface Waiting {
  readonly secret: string;
  readonly code: string;
  readonly page: string;
  readonly endsAt: number;
}

export async function beginCode(
  parts: Parts,
  { program, facts }: { readonly program: string; readonly facts: RequestFacts },
): Promise<Waiting> {
  const { store, random, now, origin } = parts;
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const secret = newSecret(random, '');
    const code = newCode();
    const endsAt = now() + CODE_LIFE_MS;
    const row: LogonCodeRow = {
      hash: hashOf(secret),
      code,
      state: 'waiting',
      user: null,
      proved_at: null,
      peer: networkOf(facts.peerAddress),
      program,
      ends_at: endsAt,
    };
    if (await addLogonCode(store.db, row)) return { secret, code, page: `${origin}/login/#device=${code}`, endsAt };
  }
  throw new Refusal({
    code: 'PICKET-C507',
    message: 'too many programs wait to be let in; nothing was changed',
    help: 'decide the open ones, or wait until they run out',
    retryAfterSeconds: CODE_LIFE_MS / 1_000,
  });
}

export interface CodeAsk {
  readonly actor: Actor;
  readonly code: string;
  readonly facts: RequestFacts;
}

/** The program that waits with this code. A person who tries codes is slowed down as for failed logons. */
export function showCode(parts: Parts, { actor, code, facts }: CodeAsk): Promise<LogonCodeRow> {
  return attempted(parts, { means: 'code', facts, account: `codes of ${personOf(actor)}` }, async () => {
    const row = await waitingCode(parts.store.db, written(code), parts.now());
    if (row === undefined) throw codeOver();
    return row;
  });
}

export async function decide(parts: Parts, ask: CodeAsk & { readonly isApproved: boolean }): Promise<void> {
  const { code, program, peer } = await showCode(parts, ask);
  const { actor, isApproved } = ask;
  await performAs(parts, actor, async (db, note) => {
    const decided = await decideCode(db, {
      code,
      state: isApproved ? 'approved' : 'denied',
      user: personOf(actor),
      provedAt: actor.authenticatedAt,
      now: parts.now(),
    });
    if (!decided) throw codeOver();
    const action = isApproved ? 'program.approve' : 'program.deny';
    note({ action, subject: program, domain: NO_DOMAIN, detail: { address: peer } });
  });
}

export type Polled =
  | { readonly state: 'waiting' }
  | { readonly state: 'denied' }
  | { readonly state: 'granted'; readonly begun: Begun };

export function pollCode(
  parts: Parts,
  { secret, facts }: { readonly secret: string; readonly facts: RequestFacts },
): Promise<Polled> {
  const hash = hashOf(secret);
  return attempted(parts, { means: 'code', facts, account: hash }, async () => {
    const row = await polledCode(parts.store.db, hash, parts.now());
    if (row === undefined) throw codeOver();
    if (row.state !== 'approved') return { state: row.state };
    const person = row.user === null ? undefined : await user(parts.store.db, row.user);
    if (person === undefined) throw codeOver();
    const { proved_at: provedAt, program } = row;
    const begun = await performAs(parts, person, (db, note) =>
      beginSession(parts, { db, note }, { user: person, means: 'code', provedAt, facts, program }),
    );
    return { state: 'granted', begun };
  });
}

function codeOver(): Refusal {
  return new Refusal({
    code: 'PICKET-C506',
    message: 'the code does not hold: it was decided, ran out, or never was; nothing was changed',
    help: 'begin anew with: picket login',
  });
}

function newCode(): string {
  const letters = Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)] ?? 'B').join('');
  return written(letters);
}

/** As it is kept and shown, whatever somebody typed. */
function written(code: string): string {
  const letters = code.replace('-', '').toUpperCase();
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}
