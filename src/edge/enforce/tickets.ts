// Tickets as content: the limit that lets one packet redeem each, and the mark that the flow then carries. Not the redeeming: a packet does it.

import { DAY, type Instant, type Micros } from '#model';
import { mark } from '#nft';
import { openingsLeft } from './budgets.ts';
import type { ContentWriter } from './content.ts';
import type { MarkSpec } from './marks.ts';
import type { NumberBook } from './numbers.ts';
import type { Ticket } from './ticket.ts';

/** Tickets at once. When there are more, none is given. */
export const TICKETS_MAX = 4_096;
/** Longest time of a ticket: its kernel object regains one opening in a week. */
export const TICKET_LIFE_MAX: Micros = DAY;

export interface Redeemed {
  readonly ticket: Ticket;
  /** What the look-up gives, where the ticket is asked for. */
  readonly from: number;
  /** What the flow carries that redeemed it. */
  readonly spec: MarkSpec;
}

/** Marks of the flows that tickets open: each lives by its ticket, and shares every budget with the rule's other flows. */
export function ticketSpecs(
  specs: readonly MarkSpec[],
  { tickets, book }: { readonly tickets: readonly Ticket[]; readonly book: NumberBook },
): readonly Redeemed[] {
  if (tickets.length === 0) return [];
  // Where there are several, the latest is asked for: the first that is put into a map stays.
  const latest = [...tickets].reverse();
  return specs.flatMap((spec) =>
    latest.flatMap((ticket) => {
      if (!takes(spec, ticket)) return [];
      const key = `${ticket.id}|${spec.mark}`;
      const proven = spec.proven === null ? null : book.marks.of(`ticket proven|${key}`);
      return [{ ticket, from: spec.mark, spec: { ...spec, ticket, mark: book.marks.of(`ticket|${key}`), proven } }];
    }),
  );
}

function takes({ who, logon, service, rule }: MarkSpec, ticket: Ticket): boolean {
  return logon !== null && who === ticket.from && (service.id === ticket.service || rule.id === ticket.service);
}

export function putTicket(
  { ticket, from, spec }: Redeemed,
  { book, writer }: { readonly book: NumberBook; readonly writer: ContentWriter },
): void {
  const name = `l${book.things.of(`ticket|${ticket.id}`)}`;
  const body = openingsLeft(ticket.isSpent ? 0 : 1);
  writer.object({ kind: 'limit', name, body, budget: null, tally: null });
  writer.put('tickets', mark(from), { value: { nft: `"${name}"` } });
  writer.put('redeems', mark(from), { value: mark(spec.mark), until: ticket.opensUntil });
}

/** The tickets that were given and are not over. */
export class TicketBook {
  #tickets: readonly Ticket[] = [];
  #next = 1;

  get tickets(): readonly Ticket[] {
    return this.#tickets;
  }

  get isFull(): boolean {
    return this.#tickets.length >= TICKETS_MAX;
  }

  add(asked: Omit<Ticket, 'id' | 'isSpent'>): Ticket {
    const ticket = { ...asked, id: this.#next++, isSpent: false };
    this.#tickets = [...this.#tickets, ticket];
    return ticket;
  }

  remove(id: number): void {
    this.#tickets = this.#tickets.filter((ticket) => ticket.id !== id);
  }

  /**
   * Forgets those that are over, and those that no rule takes now: the object that knew whether they were redeemed is gone.
   */
  keep(redeemable: ReadonlySet<number>, now: Instant): void {
    this.#tickets = this.#tickets.filter(({ id, until }) => until > now && redeemable.has(id));
  }

  /** A table that is made anew does not know which of them were redeemed. */
  spendAll(): void {
    this.#tickets = this.#tickets.map((ticket) => ({ ...ticket, isSpent: true }));
  }
}
