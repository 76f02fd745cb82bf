// Handlers of enrolment: tokens, first certificates, and certificates for those who slept.

import type { Authority, Issued, TokenView } from '#authority';
import { type AreaHandlers, type enrolmentRoutes, timeOf } from '#routes';
import { readCursor, writeCursor } from './cursor.ts';

export function enrolmentHandlers(authority: Authority): AreaHandlers<typeof enrolmentRoutes> {
  return {
    tokens: async ({ params, query: { limit, cursor } }) => {
      const rows = await authority.tokens(params.domain, { after: readCursor(cursor) ?? '', limit: limit + 1 });
      const items = rows.slice(0, limit).map(tokenOf);
      return { value: { items, next: writeCursor(rows.length > limit ? (items.at(-1)?.id ?? null) : null) } };
    },
    makeToken: async ({ actor, params, body }) => {
      const { expiresAt, ...made } = await authority.makeToken(params.domain, actor, body);
      return { value: { ...made, expiresAt: timeOf(expiresAt) } };
    },
    revokeToken: async ({ actor, params }) => {
      await authority.revokeToken(params.domain, actor, params.token);
      return { value: null };
    },
    enrol: async ({ body }) => ({ value: issuedOf(await authority.enrol(body)) }),
    challenge: async ({ body }) => ({ value: { challenge: authority.challenge(body.id) } }),
    wake: async ({ body }) => ({ value: issuedOf(await authority.wake(body)) }),
  };
}

function tokenOf({ madeAt, expiresAt, usedAt, revokedAt, ...rest }: TokenView) {
  return {
    ...rest,
    madeAt: timeOf(madeAt),
    expiresAt: timeOf(expiresAt),
    usedAt: usedAt === null ? null : timeOf(usedAt),
    revokedAt: revokedAt === null ? null : timeOf(revokedAt),
  };
}

function issuedOf({ chain, bundle, agents, notBefore, notAfter, now, ...rest }: Issued) {
  return {
    ...rest,
    chain: [...chain],
    bundle: { ...bundle },
    agents: [...agents],
    notBefore: timeOf(notBefore),
    notAfter: timeOf(notAfter),
    now: timeOf(now),
  };
}
