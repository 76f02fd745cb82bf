// Handlers of domains. Where domains are kept is a port: the store, with an act in the ledger for one that is made.

import {
  type Actor,
  type AreaHandlers,
  type domainRoutes,
  notFound,
  Refusal,
  type Role,
  roleIn,
  timeOf,
} from '#routes';

export interface DomainRecord {
  readonly id: string;
  readonly name: string;
  readonly madeAtMs: number;
}

export interface DomainBook {
  /** Those of `ids` that exist, in order of their ids. */
  readonly some: (ids: readonly string[]) => Promise<readonly DomainRecord[]>;
  /** null where the id is taken. Makes the actor its owner. */
  readonly make: (actor: Actor, domain: { readonly id: string; readonly name: string }) => Promise<DomainRecord | null>;
}

export function domainHandlers(book: DomainBook): AreaHandlers<typeof domainRoutes> {
  return {
    list: async ({ actor, query: { limit, cursor } }) => {
      const after = cursor === undefined ? '' : Buffer.from(cursor, 'base64url').toString('utf8');
      const ids = Object.keys(actor.roles).filter((id) => id > after);
      const records = await book.some(ids.sort().slice(0, limit + 1));
      const items = records.slice(0, limit).map((record) => viewOf(record, roleIn(actor, record.id)));
      const last = items.at(-1);
      const isMore = ids.length > limit && last !== undefined;
      return { value: { items, next: isMore ? Buffer.from(last.id).toString('base64url') : null } };
    },
    show: async ({ actor, params: { domain } }) => {
      const [record] = await book.some([domain]);
      if (record === undefined) throw notFound('the domain');
      return { value: viewOf(record, roleIn(actor, domain)) };
    },
    make: async ({ actor, body }) => {
      const record = await book.make(actor, body);
      if (record !== null) return { value: viewOf(record, 'owner') };
      const message = `cannot make the domain "${body.id}": it is there already; nothing was changed`;
      throw new Refusal({ code: 'PICKET-C480', message, help: 'choose another id', where: 'body.id' });
    },
  };
}

function viewOf(record: DomainRecord, role: Role | null) {
  // INVARIANT: the route lets only those in who have a role.
  return { id: record.id, name: record.name, madeAt: timeOf(record.madeAtMs), role: role ?? 'viewer' };
}
