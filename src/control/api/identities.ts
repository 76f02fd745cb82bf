// Handlers of identities and revocations.

import type { Authority, IdentityView, RevocationView } from '#authority';
import { type AreaHandlers, type identityRoutes, timeOf } from '#routes';
import { readCursor, writeCursor } from './cursor.ts';

export function identityHandlers(authority: Authority): AreaHandlers<typeof identityRoutes> {
  return {
    list: async ({ params, query: { limit, cursor } }) => {
      const rows = await authority.identities(params.domain, { after: readCursor(cursor) ?? '', limit: limit + 1 });
      const items = rows.slice(0, limit).map(viewOf);
      return { value: { items, next: writeCursor(rows.length > limit ? (items.at(-1)?.id ?? null) : null) } };
    },
    show: async ({ params }) => {
      const { revocations, ...identity } = await authority.identity(params.domain, idOf(params.identity));
      return { value: { ...viewOf(identity), revocations: revocations.map(revocationOf) } };
    },
    dropRenewalKey: async ({ actor, params }) => {
      await authority.revokeRenewalKey(params.domain, actor, idOf(params.identity));
      return { value: null };
    },
    revocations: async ({ params }) => ({
      value: { items: (await authority.revocations(params.domain)).map(revocationOf) },
    }),
    revoke: async ({ actor, params, body }) => ({
      value: { sequence: await authority.revoke(params.domain, actor, body) },
    }),
    reinstate: async ({ actor, params, body }) => ({
      value: { sequence: await authority.reinstate(params.domain, actor, body) },
    }),
  };
}

/** What is no id is not there. */
function idOf(key: string): string {
  return Buffer.from(key, 'base64url').toString('latin1');
}

function viewOf(identity: IdentityView) {
  const { enrolledAt, notAfter, renewedAt, revokedAt, ...rest } = identity;
  return {
    ...rest,
    key: Buffer.from(identity.id, 'latin1').toString('base64url'),
    enrolledAt: timeOf(enrolledAt),
    notAfter: timeOf(notAfter),
    renewedAt: timeOf(renewedAt),
    revokedAt: revokedAt === null ? null : timeOf(revokedAt),
  };
}

function revocationOf({ byName: by, at, ...rest }: RevocationView) {
  return { ...rest, by, at: timeOf(at) };
}
