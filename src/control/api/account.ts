// Handlers of one's own account: sessions, passkeys, API tokens, programs that wait. Rows become views here.

import { capOf, noSessionCookie, type People, scopesOf } from '#people';
import { type AreaHandlers, type accountRoutes, timeOf } from '#routes';
import type { ApiTokenRow, PasskeyRow, SessionRow } from '#store';

type Handlers = AreaHandlers<typeof accountRoutes>;

export function accountHandlers(people: People): Handlers {
  return { ...sessionHandlers(people), ...passkeyHandlers(people), ...tokenHandlers(people), ...programs(people) };
}

function sessionHandlers(
  people: People,
): Pick<Handlers, 'logout' | 'sessions' | 'endSession' | 'endSessions' | 'prove'> {
  return {
    logout: async ({ actor }) => {
      if (actor.session !== null) await people.endSession(actor, actor.session);
      return { value: null, cookies: [noSessionCookie()] };
    },
    sessions: async ({ actor }) => {
      const items = await people.sessions(actor);
      return { value: { items: items.map((one) => sessionView(one, actor.session)) } };
    },
    endSession: async ({ actor, params: { session } }) => {
      await people.endSession(actor, session);
      return { value: null };
    },
    endSessions: async ({ actor }) => ({
      value: { count: await people.endSessions(actor) },
      cookies: [noSessionCookie()],
    }),
    prove: async ({ actor, body: { proof }, facts }) => {
      await people.prove({ actor, proof, facts });
      return { value: null };
    },
  };
}

function passkeyHandlers(
  people: People,
): Pick<Handlers, 'passkeys' | 'passkeyOptions' | 'addPasskey' | 'removePasskey'> {
  return {
    passkeys: async ({ actor }) => ({ value: { items: (await people.passkeys(actor)).map(passkeyView) } }),
    passkeyOptions: async ({ actor }) => ({ value: await people.passkeyOptions(actor) }),
    addPasskey: async ({ actor, body }) => ({ value: passkeyView(await people.addPasskey(actor, body)) }),
    removePasskey: async ({ actor, params: { passkey } }) => {
      await people.removePasskey(actor, passkey);
      return { value: null };
    },
  };
}

function tokenHandlers(people: People): Pick<Handlers, 'tokens' | 'makeToken' | 'removeToken'> {
  return {
    tokens: async ({ actor }) => ({ value: { items: (await people.tokens(actor)).map(tokenView) } }),
    makeToken: async ({ actor, body }) => {
      const { secret, row } = await people.makeToken(actor, body);
      return { value: { secret, token: tokenView(row) } };
    },
    removeToken: async ({ actor, params: { token } }) => {
      await people.removeToken(actor, token);
      return { value: null };
    },
  };
}

function programs(people: People): Pick<Handlers, 'program' | 'decideProgram'> {
  return {
    program: async ({ actor, body: { code }, facts }) => {
      const row = await people.showCode({ actor, code, facts });
      return { value: { code: row.code, program: row.program, address: row.peer, endsAt: timeOf(row.ends_at) } };
    },
    decideProgram: async ({ actor, body: { code, isApproved }, facts }) => {
      await people.decideCode({ actor, code, isApproved, facts });
      return { value: null };
    },
  };
}

export function sessionView(row: SessionRow, own: string | null) {
  return {
    id: row.id,
    means: row.means,
    madeAt: timeOf(row.made_at),
    seenAt: timeOf(row.seen_at),
    authenticatedAt: timeOrNull(row.proved_at),
    endsAt: timeOf(row.ends_at),
    address: row.peer,
    program: row.program,
    isThis: row.id === own,
  };
}

function passkeyView({ id, name, made_at: at, used_at: used }: PasskeyRow) {
  return { id, name, madeAt: timeOf(at), usedAt: timeOrNull(used) };
}

function tokenView(row: ApiTokenRow) {
  return {
    id: row.id,
    name: row.name,
    scopes: [...scopesOf(row)],
    roles: { ...capOf(row) },
    madeAt: timeOf(row.made_at),
    endsAt: timeOf(row.ends_at),
    usedAt: timeOrNull(row.used_at),
  };
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : timeOf(ms);
}
