// One-time tokens for enrolment: made, listed, revoked. Only their hash is kept. Using one up is part of the enrolment.

import { createHash, randomBytes } from 'node:crypto';
import { isIdentityPath, spiffeId, TOKEN_BYTES } from '#identity';
import type { Doer } from '#ledger';
import { addToken, type EnrolmentTokenRow, openTokenCount, revokeToken as revokeTokenRow, tokensOf } from '#store';
import type { Context } from './context.ts';
import { keysOf, trustedKeys } from './keys.ts';
import { AuthorityError, refusedBy } from './trouble.ts';

/** An hour: a token that lies about longer is found by somebody else. */
export const TOKEN_SECONDS_MAX = 3_600;
export const TOKEN_SECONDS_MIN = 60;
/** Tokens of a domain that can still be used: a roll-out of a few thousand machines within the hour. */
export const OPEN_TOKENS_MAX = 10_000;
const ID_BYTES = 9;

export interface TokenWish {
  readonly kind: string;
  /** The path that will be enrolled, or with `isPrefix` one above it. */
  readonly path: string;
  readonly isPrefix: boolean;
  readonly seconds: number;
}

export interface MadeToken {
  readonly id: string;
  /** Shown once; kept nowhere. */
  readonly token: string;
  /** SHA-256 of the root's public key, base64url: by which the new element knows the controller. */
  readonly root: string;
  readonly expiresAt: number;
}

export interface TokenView {
  readonly id: string;
  readonly kind: string;
  readonly path: string;
  readonly isPrefix: boolean;
  readonly madeBy: string;
  readonly madeAt: number;
  readonly expiresAt: number;
  readonly usedAt: number | null;
  readonly usedBy: string | null;
  readonly revokedAt: number | null;
  readonly state: 'open' | 'used' | 'expired' | 'revoked';
}

export function tokenHash(token: string): string {
  return createHash('sha256').update(`picket-token/1\n${token}`).digest('hex');
}

export async function makeToken(
  context: Context,
  { domain, actor, wish }: { readonly domain: string; readonly actor: Doer; readonly wish: TokenWish },
): Promise<MadeToken> {
  const { kind, path, isPrefix, seconds } = wish;
  const id = spiffeId({ domain, kind, path });
  if (id.kind === 'refused') throw refusedBy(id);
  if (!Number.isInteger(seconds) || seconds < TOKEN_SECONDS_MIN || seconds > TOKEN_SECONDS_MAX)
    throw new AuthorityError({
      code: 'PICKET-C326',
      message: `a token lives ${TOKEN_SECONDS_MIN} to ${TOKEN_SECONDS_MAX} seconds, asked for were ${seconds}; nothing was changed`,
    });
  const keys = await keysOf(context.store.db, domain);
  const root = trustedKeys(keys, 'root').find(({ state }) => state === 'active');
  const now = context.now();
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const row: EnrolmentTokenRow = {
    domain,
    id: randomBytes(ID_BYTES).toString('base64url'),
    hash: tokenHash(token),
    kind,
    path,
    is_prefix: isPrefix ? 1 : 0,
    made_by: actor.id,
    made_by_name: actor.name,
    made_at: now,
    expires_at: now + seconds * 1_000,
    used_at: null,
    used_by: null,
    revoked_at: null,
  };
  await context.recorder.perform(actor, async (db, note) => {
    if ((await openTokenCount(db, domain, now)) >= OPEN_TOKENS_MAX) throw full();
    await addToken(db, row);
    const detail = { kind, path, isPrefix, expiresAt: row.expires_at };
    note({ action: 'token.make', subject: row.id, domain, detail });
  });
  return {
    id: row.id,
    token,
    root: Buffer.from(root?.id ?? '', 'hex').toString('base64url'),
    expiresAt: row.expires_at,
  };
}

function full(): AuthorityError {
  return new AuthorityError({
    code: 'PICKET-C346',
    message: `${OPEN_TOKENS_MAX} tokens wait to be used already; nothing was changed`,
    help: 'revoke some, or wait until they end: picket tokens ls',
  });
}

export async function listTokens(
  context: Context,
  domain: string,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly TokenView[]> {
  const rows = await tokensOf(context.store.db, domain, page);
  return rows.map((row) => viewOf(row, context.now()));
}

function viewOf(row: EnrolmentTokenRow, now: number): TokenView {
  const { id, kind, path, used_at: usedAt, used_by: usedBy, revoked_at: revokedAt, expires_at: expiresAt } = row;
  const state = usedAt !== null ? 'used' : revokedAt !== null ? 'revoked' : expiresAt <= now ? 'expired' : 'open';
  return {
    id,
    kind,
    path,
    isPrefix: row.is_prefix === 1,
    madeBy: row.made_by_name,
    madeAt: row.made_at,
    expiresAt,
    usedAt,
    usedBy,
    revokedAt,
    state,
  };
}

export async function revokeToken(
  context: Context,
  { domain, actor, id }: { readonly domain: string; readonly actor: Doer; readonly id: string },
): Promise<void> {
  await context.recorder.perform(actor, async (db, note) => {
    if (!(await revokeTokenRow(db, domain, id, context.now())))
      throw new AuthorityError({
        code: 'PICKET-C347',
        message: `there is no token ${JSON.stringify(id.slice(0, 64))} that could still be used; nothing was changed`,
      });
    note({ action: 'token.revoke', subject: id, domain });
  });
}

/** The path to enrol under this token, or why it does not fit. */
export function pathFor(row: EnrolmentTokenRow, asked: string | null): string {
  if (row.is_prefix === 0) {
    if (asked === null || asked === row.path) return row.path;
    throw new AuthorityError({
      code: 'PICKET-C324',
      message: `the token is for ${row.kind}/${row.path}, asked for was another path; nothing was changed`,
    });
  }
  if (asked !== null && isIdentityPath(asked) && asked.startsWith(`${row.path}/`)) return asked;
  throw new AuthorityError({
    code: 'PICKET-C324',
    message: `the token is for a path below ${row.kind}/${row.path}/, asked for was ${asked === null ? 'none' : 'another'}; nothing was changed`,
    help: 'name the element: picket join --name NAME LINK',
  });
}
