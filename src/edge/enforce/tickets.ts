// Tickets as content: the limit that lets one packet redeem each, and the mark that the flow then carries. Not the redeeming: a packet does it.

import { DAY, END_OF_TIME, type Instant, type Micros } from '#model';
import { mark } from '#nft';
import { openingsLeft } from './budgets.ts';
import type { ContentWriter } from './content.ts';
import type { ContentStore } from './content-store.ts';
import type { Drafts } from './drafts.ts';
import { type FillOptions, fillMark } from './fill.ts';
import type { Hold, Holder } from './hold.ts';
import type { MarkSpec } from './marks.ts';
import type { NumberSource, NumberSources } from './numbers.ts';
import { Part } from './part.ts';
import type { Ticket } from './ticket.ts';

/** Tickets at once. When there are more, none is given. */
export const TICKETS_MAX = 4_096;
/** Longest time of a ticket: its kernel object regains one opening in a week. */
export const TICKET_LIFE_MAX: Micros = DAY;

/** Tickets in one content: all are put again with every compile, because they are few. */
export class TicketParts {
  readonly #holder: Holder;
  readonly #store: ContentStore;
  #part: Part | null = null;
  #hold: Hold | null = null;
  /** When they have to be put again. */
  next: Instant = END_OF_TIME;

  constructor(holder: Holder, store: ContentStore) {
    this.#holder = holder;
    this.#store = store;
  }

  /** Where there are several for one opening, the latest is asked for: the last that is put into a map stays. Returns the ids that some rule takes. */
  put(
    tickets: readonly Ticket[],
    drafts: Pick<Drafts, 'specsOf'>,
    fill: Omit<FillOptions, 'book'>,
  ): ReadonlySet<number> {
    this.next = END_OF_TIME;
    if (tickets.length === 0 && this.#part === null) return NOBODY;
    const hold = this.#holder.begin();
    const part = new Part(this.#store);
    const options = { ...fill, book: this.#holder.numbers };
    const redeemable = new Set<number>();
    for (const ticket of tickets)
      for (const spec of drafts.specsOf(ticket.from)) {
        if (!takes(spec, ticket)) continue;
        redeemable.add(ticket.id);
        const opened = openedBy(ticket, spec, options.book.marks);
        putTicket({ ticket, from: spec.mark, to: opened.mark }, options.book, part);
        this.next = Math.min(this.next, fillMark(opened, options, part));
        part.putRule(opened);
      }
    this.#part?.drop();
    this.release();
    this.#part = tickets.length === 0 ? null : part;
    this.#hold = hold;
    return redeemable;
  }

  release(): void {
    this.#hold?.release();
    this.#hold = null;
  }
}

const NOBODY: ReadonlySet<number> = new Set();

/** The mark of the flow that a ticket opens: it lives by its ticket, and shares every budget with the rule's other flows. */
function openedBy(ticket: Ticket, spec: MarkSpec, marks: NumberSource): MarkSpec {
  const key = `${ticket.id}|${spec.mark}`;
  const proven = spec.proven === null ? null : marks.of(`ticket proven|${key}`);
  return { ...spec, ticket, mark: marks.of(`ticket|${key}`), proven };
}

function takes({ who, logon, service, rule }: MarkSpec, ticket: Ticket): boolean {
  return logon !== null && who === ticket.from && (service.id === ticket.service || rule.id === ticket.service);
}

function putTicket(
  { ticket, from, to }: { readonly ticket: Ticket; readonly from: number; readonly to: number },
  { things }: NumberSources,
  writer: ContentWriter,
): void {
  const name = `l${things.of(`ticket|${ticket.id}`)}`;
  const body = openingsLeft(ticket.isSpent ? 0 : 1);
  writer.object({ kind: 'limit', name, body, budget: null, tally: null });
  writer.put('tickets', mark(from), { value: { nft: `"${name}"` } });
  writer.put('redeems', mark(from), { value: mark(to), until: ticket.opensUntil });
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
