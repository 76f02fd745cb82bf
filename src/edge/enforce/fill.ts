// Fills the table's sets from marks and their rules. Each limit is one element in each map that concerns it. Not the lookup entries.

import { type ConnectionLimit, END_OF_TIME, type Factor, type Instant, type Micros } from '#model';
import { mark, type Nft, nft } from '#nft';
import { heldOpenings, type Made, periodOf, quotaOf, rateOf } from './budgets.ts';
import { openingAt } from './calendars.ts';
import type { ContentWriter, SetName } from './content.ts';
import { inDirection, isTooMuch, lifetimeSeconds } from './holdable.ts';
import { type ChainName, hasCeiling, lifeOf, lifeWord, type SizeSpan, sizeIn } from './live.ts';
import { type FactorLogon, type LogonNeed, type LogonState, type Logons, logonAt } from './logons.ts';
import type { MarkSpec } from './marks.ts';
import type { NumberSources } from './numbers.ts';

/** Connections that one count tells; more than any conntrack table holds. */
const COUNTED_MAX = 2 ** 31;
/** Header bytes of TCP without options, with the IP header: what a segment size leaves out. */
const TCP_HEADERS_4 = 40;
const TCP_HEADERS_6 = 60;

export interface FillOptions {
  readonly book: NumberSources;
  readonly now: Instant;
  /** Whole seconds, in the order of their classes. */
  readonly lifetimes: readonly number[];
  readonly logons: Logons;
}

/** Puts everything about one mark into the content and returns when it has to be done again. */
export function fillMark(spec: MarkSpec, options: FillOptions, writer: ContentWriter): Instant {
  const filler = new Filler(spec, options, writer);
  filler.run();
  return filler.next;
}

class Filler {
  next: Instant = END_OF_TIME;
  readonly #spec: MarkSpec;
  readonly #options: FillOptions;
  readonly #writer: ContentWriter;
  readonly #keys: readonly Nft[];
  /** What `live` says of each key. */
  readonly #words: readonly Nft[];

  constructor(spec: MarkSpec, options: FillOptions, writer: ContentWriter) {
    this.#spec = spec;
    this.#options = options;
    this.#writer = writer;
    const { mark: number, proven, service } = spec;
    this.#keys = [number, ...(proven === null ? [] : [proven])].map(mark);
    const life = lifeOf(spec, options.book);
    const first: ChainName = proven === null ? life.chain : service.application === 'tls' ? 'tls' : 'ssh';
    this.#words = [lifeWord({ ...life, chain: first }), ...(proven === null ? [] : [lifeWord(life)])];
  }

  run(): void {
    this.#hours();
    this.#rails();
    // A rule that is only recorded may say more than the table has room for; the rest of it is judged elsewhere.
    if (!isTooMuch(this.#spec.rule.limits)) {
      this.#volumes();
      this.#rates();
      this.#connections();
    }
    this.#sizes();
    this.#lifetime();
    this.#live();
  }

  #put(name: SetName, value: Nft | null): void {
    for (const key of this.#keys) this.#writer.put(name, key, { value });
  }

  #wake(at: Instant | null): void {
    if (at !== null) this.next = Math.min(this.next, at);
  }

  #hours(): void {
    const { rule, gates } = this.#spec;
    const { hours, drain } = rule.limits;
    if (hours !== null) for (const word of this.#words) this.#open(word, [hours], drain);
    if (gates.length === 0) return;
    const number = mark(this.#options.book.terms.of(`gates|${JSON.stringify(gates)}`));
    this.#put('gates', number);
    this.#open(number, gates, 0);
  }

  /** Logons that guardrails require of an opening. INVARIANT: one that does not hold leaves it closed. */
  #rails(): void {
    const { rails, who } = this.#spec;
    if (rails.length === 0) return;
    const number = mark(this.#options.book.terms.of(`rails|${JSON.stringify([rails, who])}`));
    this.#put('rails', number);
    const ends = rails.map((logon) => this.#logonState({ logon, drain: 0 }).opensUntil ?? 0);
    if (!ends.includes(0)) this.#writer.put('open', number, { until: Math.min(...ends) });
  }

  #logonState(need: LogonNeed): LogonState {
    const { logons, now } = this.#options;
    const state = logonAt(need, logons.get(this.#spec.who) ?? NEVER_LOGGED_ON, now);
    this.#wake(state.next);
    return state;
  }

  /** Until when the mark lives by its logon or ticket, null for not at all; and whether a session may open by the logon. */
  #lease(): Instant | null {
    const { logon, who, rule, ticket } = this.#spec;
    if (ticket !== null) return ticket.until;
    if (logon === null) return END_OF_TIME;
    const need = { logon, drain: rule.limits.drain };
    const { livesUntil, opensUntil } = this.#logonState(need);
    const number = mark(this.#options.book.terms.of(`fresh|${JSON.stringify([need, who])}`));
    this.#put('fresh', number);
    for (const key of this.#keys) this.#writer.put('leased', key);
    if (opensUntil !== null) this.#writer.put('open', number, { until: opensUntil });
    return livesUntil;
  }

  /** INVARIANT: what is closed has no element in `open`, and what is open has one with a timeout: it closes without the agent. */
  #open(key: Nft, hours: Parameters<typeof openingAt>[0], drain: Micros): void {
    const opening = openingAt(hours, drain, this.#options.now);
    if (opening.opensUntil !== null) this.#writer.put('open', key, { until: opening.opensUntil });
    if (opening.drainsUntil !== null) this.#writer.put('drains', key, { until: opening.drainsUntil });
    this.#wake(opening.next);
  }

  #volumes(): void {
    const { volumes } = this.#spec.rule.limits;
    for (const way of ['sent', 'received'] as const) {
      const ceilings = inDirection(volumes, way).flatMap((one) => (hasCeiling(one) ? [one] : []));
      for (const [slot, volume] of ceilings.entries())
        this.#object(
          slotName(`quota_${way}`, slot),
          quotaOf(volume, this.#moment('volume', volumes.indexOf(volume), volume.scope)),
        );
    }
  }

  #rates(): void {
    const { rates } = this.#spec.rule.limits;
    for (const way of ['sent', 'received'] as const)
      for (const [slot, rate] of inDirection(rates, way).entries())
        this.#object(
          slotName(`rate_${way}`, slot),
          rateOf(rate, this.#moment('rate', rates.indexOf(rate), rate.scope)),
        );
  }

  #connections(): void {
    const { connections } = this.#spec.rule.limits;
    let open = 0;
    let period = 0;
    for (const [at, limit] of connections.entries()) {
      const moment = this.#moment('connections', at, limit.scope);
      if (limit.kind === 'open') this.#openCount(OPEN_SLOTS[open++], limit, moment.budget);
      else if (heldOpenings(limit) > 0) {
        const made = periodOf(limit, moment);
        if (made.tally !== null) this.#object(TALLY_SLOTS[period], { ...made, object: made.tally });
        this.#object(PERIOD_SLOTS[period++], made);
      }
    }
  }

  #openCount(slot: SetName | undefined, { max }: ConnectionLimit, budget: string): void {
    if (slot === undefined) return;
    const number = mark(this.#options.book.things.of(`open|${budget}`));
    this.#put(slot, number);
    this.#writer.put('conncount', number, { statement: nft`ct count over ${Math.min(max, COUNTED_MAX)}` });
  }

  #object(slot: SetName | undefined, { object, until }: Made): void {
    if (slot === undefined) return;
    this.#writer.object(object);
    this.#put(slot, { nft: `"${object.name}"` });
    this.#wake(until);
  }

  #moment(kind: string, at: number, scope: 'pair' | 'rule'): Parameters<typeof quotaOf>[1] {
    const { rule, pair } = this.#spec;
    const budget = JSON.stringify([rule.id, rule.limits, kind, at, scope === 'pair' ? pair : null]);
    return { book: this.#options.book, rule: rule.id, budget, now: this.#options.now };
  }

  #sizes(): void {
    const { rule, isTcp } = this.#spec;
    if (rule.limits.sizes.length === 0) return;
    // The size that the ends agree on is one for both ways.
    if (isTcp) this.#segments(Math.min(sizeIn(rule.limits, 'sent').max, sizeIn(rule.limits, 'received').max));
    else for (const way of ['sent', 'received'] as const) this.#lengths(way, sizeIn(rule.limits, way));
  }

  /** INVARIANT: sizes that exclude each other have no interval, so nothing passes. */
  #lengths(way: 'sent' | 'received', { min, max }: SizeSpan): void {
    if (min > max) return;
    const name = way === 'sent' ? 'sizes_sent' : 'sizes_received';
    for (const word of this.#words) this.#writer.put(name, nft`${word} . ${min}-${max}`);
  }

  /** A rule that is only recorded changes no packet. */
  #segments(max: number): void {
    if (!this.#spec.isHeld) return;
    this.#put('mss4', nft`${Math.max(max - TCP_HEADERS_4, 1)}`);
    this.#put('mss6', nft`${Math.max(max - TCP_HEADERS_6, 1)}`);
  }

  #lifetime(): void {
    const { lifetime, drain } = this.#spec.rule.limits;
    if (lifetime === null) return;
    this.#put('lives', mark(this.#options.lifetimes.indexOf(lifetimeSeconds(lifetime, drain)) + 1));
  }

  #live(): void {
    const { rule, mark: number, proven, isHeld } = this.#spec;
    const lease = this.#lease();
    const until = lease === null || lease === END_OF_TIME ? rule.until : Math.min(lease, rule.until ?? lease);
    if (lease !== null)
      for (const [at, key] of this.#keys.entries())
        this.#writer.put('live', key, { value: this.#words[at] ?? null, until });
    if (proven !== null) this.#writer.put('proven', mark(number), { value: mark(proven) });
    if (!isHeld) for (const key of this.#keys) this.#writer.put('audit', key);
    this.#wake(rule.until);
  }
}

const NEVER_LOGGED_ON: ReadonlyMap<Factor, FactorLogon> = new Map();

const OPEN_SLOTS: readonly SetName[] = ['conns0', 'conns1'];
const PERIOD_SLOTS: readonly SetName[] = ['periods0', 'periods1'];
const TALLY_SLOTS: readonly SetName[] = ['tallies0', 'tallies1'];

type Slotted = 'quota_sent' | 'quota_received' | 'rate_sent' | 'rate_received';

const SLOT_NAMES: Readonly<Record<Slotted, readonly SetName[]>> = {
  quota_sent: ['quota_sent0', 'quota_sent1', 'quota_sent2', 'quota_sent3'],
  quota_received: ['quota_received0', 'quota_received1', 'quota_received2', 'quota_received3'],
  rate_sent: ['rate_sent0', 'rate_sent1', 'rate_sent2', 'rate_sent3'],
  rate_received: ['rate_received0', 'rate_received1', 'rate_received2', 'rate_received3'],
};

function slotName(kind: Slotted, slot: number): SetName | undefined {
  return SLOT_NAMES[kind][slot];
}
