// Handlers of a domain's people: roles, invitations, sessions, what needs a second person.

import type { FourEyesState, Link, People } from '#people';
import { type AreaHandlers, timeOf, type userRoutes } from '#routes';
import type { MemberRow } from '#store';
import { sessionView } from './account.ts';

type Handlers = AreaHandlers<typeof userRoutes>;

export function userHandlers(people: People): Handlers {
  return { ...roleHandlers(people), ...sessionHandlers(people), ...fourEyesHandlers(people) };
}

function roleHandlers(people: People): Pick<Handlers, 'list' | 'invite' | 'show' | 'setRole' | 'remove' | 'link'> {
  return {
    list: async ({ params: { domain }, query }) => {
      const rows = await people.users(domain, pageOf(query));
      return { value: paged(rows, query.limit, userView) };
    },
    invite: async ({ actor, params: { domain }, body }) => {
      const who = 'name' in body ? { name: body.name } : { id: body.id };
      const { row, link } = await people.invite(actor, { domain, who, role: body.role });
      return { value: { user: userView(row), link: link === null ? null : linkView(link) } };
    },
    show: async ({ params: { domain, user } }) => ({ value: userView(await people.user(domain, user)) }),
    setRole: async ({ actor, params: { domain, user: id }, body: { role } }) => ({
      value: userView(await people.setRole(actor, { domain, id, role })),
    }),
    remove: async ({ actor, params: { domain, user: id } }) => {
      await people.removeUser(actor, { domain, id });
      return { value: null };
    },
    link: async ({ actor, params: { domain, user: id } }) => ({
      value: linkView(await people.linkFor(actor, { domain, id })),
    }),
  };
}

function sessionHandlers(people: People): Pick<Handlers, 'sessions' | 'endSession'> {
  return {
    sessions: async ({ actor, params: { domain }, query }) => {
      const rows = await people.sessionsIn(domain, pageOf(query));
      const page = paged(rows, query.limit, (row) => ({
        ...sessionView(row, actor.session),
        user: row.user,
        name: row.name,
        isOver: people.isOver(row),
      }));
      // What is over stands in the store until it is swept away; it takes room on a page, and is not shown.
      const items = page.items.flatMap(({ isOver, ...view }) => (isOver ? [] : [view]));
      return { value: { items, next: page.next } };
    },
    endSession: async ({ actor, params: { domain, session: id } }) => {
      await people.endSessionIn(actor, { domain, id });
      return { value: null };
    },
  };
}

function fourEyesHandlers(people: People): Pick<Handlers, 'fourEyes' | 'setFourEyes'> {
  return {
    fourEyes: async ({ params: { domain } }) => ({ value: fourEyesView(await people.fourEyes(domain)) }),
    setFourEyes: async ({ actor, params: { domain }, body }) => ({
      value: fourEyesView(await people.setFourEyes(actor, { domain, ...body })),
    }),
  };
}

function fourEyesView({ isWholePolicy, services, wish }: FourEyesState) {
  const asked =
    wish === null
      ? null
      : {
          isWholePolicy: wish.isWholePolicy,
          services: [...wish.services],
          by: wish.by,
          endsAt: timeOf(wish.endsAt),
        };
  return { isWholePolicy, services: [...services], wish: asked };
}

function userView({ user, name, role, given_by: givenBy, given_at: at, known_by: knownBy }: MemberRow) {
  return { id: user, name, role, knownBy, givenBy, givenAt: timeOf(at) };
}

function linkView({ page, endsAt }: Link) {
  return { page, endsAt: timeOf(endsAt) };
}

interface PageAsked {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** One row more than asked for tells whether there is a next page. */
function pageOf({ limit, cursor }: PageAsked): { readonly after: string; readonly limit: number } {
  return { after: cursor === undefined ? '' : Buffer.from(cursor, 'base64url').toString('utf8'), limit: limit + 1 };
}

function paged<Row extends { readonly user: string } & ({ readonly id: string } | object), View>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => View,
): { items: View[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const key = last === undefined ? '' : 'id' in last && typeof last.id === 'string' ? last.id : last.user;
  return { items: shown.map(view), next: rows.length > limit ? Buffer.from(key).toString('base64url') : null };
}
