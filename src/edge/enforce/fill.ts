// Fills the table's sets from marks and their rules. Each limit is one element in each map that concerns it. Not the lookup entries.

import { type ConnectionLimit, END_OF_TIME, type Instant, type Micros, type Policy, type Volume } from '#model';
import { mark, type Nft, nft } from '#nft';
import { heldOpenings, type Made, periodOf, quotaOf, rateOf } from './budgets.ts';
import { openingAt } from './calendars.ts';
import type { ContentWriter, SetName } from './content.ts';
import { inDirection, isTooMuch, lifetimeSeconds } from './holdable.ts';
import type { MarkSpec } from './marks.ts';
import type { NumberBook } from './numbers.ts';

/** What `live` gives for a mark: which chain its packets go through. */
export const CHAIN = { plain: 1, usual: 2, rich: 3, tls: 4, ssh: 5 } as const;

/** Connections that one count tells; more than any conntrack table holds. */
const COUNTED_MAX = 2 ** 31;
/** Header bytes of TCP without options, with the IP header: what a segment size leaves out. */
const TCP_HEADERS_4 = 40;
const TCP_HEADERS_6 = 60;
const LENGTH_MAX = 65_535;

export interface FillOptions {
  readonly policy: Policy;
  readonly book: NumberBook;
  readonly now: Instant;
  /** Whole seconds, in the order of their classes. */
  readonly lifetimes: readonly number[];
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

  constructor(spec: MarkSpec, options: FillOptions, writer: ContentWriter) {
    this.#spec = spec;
    this.#options = options;
    this.#writer = writer;
    this.#keys = [spec.mark, ...(spec.proven === null ? [] : [spec.proven])].map(mark);
  }

  run(): void {
    this.#hours();
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

  #thing(kind: string, of: unknown): number {
    return this.#options.book.things.of(`${kind}|${JSON.stringify(of)}`);
  }

  #hours(): void {
    const { hours, drain } = this.#spec.rule.limits;
    if (hours !== null) this.#schedule('sched', [hours], drain);
    if (this.#spec.gates.length > 0) this.#schedule('gates', this.#spec.gates, 0);
  }

  /** INVARIANT: a schedule that is closed has no element in `open`, and one that is open has a timeout: it closes without the agent. */
  #schedule(map: SetName, hours: Parameters<typeof openingAt>[0], drain: Micros): void {
    const number = this.#thing('schedule', [hours, drain]);
    this.#put(map, mark(number));
    const opening = openingAt(hours, drain, this.#options.now);
    if (opening.opensUntil !== null) this.#writer.put('open', mark(number), { until: opening.opensUntil });
    if (opening.drainsUntil !== null) this.#writer.put('drains', mark(number), { until: opening.drainsUntil });
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
    const number = mark(this.#thing('open', budget));
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
    const { sizes } = this.#spec.rule.limits;
    for (const way of ['sent', 'received'] as const) {
      const own = inDirection(sizes, way);
      if (own.length === 0) continue;
      const min = Math.max(0, ...own.map((size) => size.min ?? 0));
      const max = Math.min(LENGTH_MAX, ...own.map((size) => size.max ?? LENGTH_MAX));
      if (this.#spec.isTcp) this.#segments(max);
      else this.#lengths(way, { min, max });
    }
  }

  /** INVARIANT: sizes that exclude each other have a class without an interval, so nothing passes. */
  #lengths(way: 'sent' | 'received', size: { readonly min: number; readonly max: number }): void {
    const number = this.#thing('size', size);
    this.#put(way === 'sent' ? 'size_sent' : 'size_received', mark(number));
    if (size.min <= size.max) this.#writer.put('sizes', nft`${mark(number)} . ${size.min}-${size.max}`);
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
    const { rule, service, mark: number, proven, isHeld } = this.#spec;
    const until = rule.until;
    const chain = chainOf(this.#spec);
    const first = proven === null ? chain : service.application === 'tls' ? CHAIN.tls : CHAIN.ssh;
    this.#writer.put('live', mark(number), { value: mark(first), until });
    if (proven !== null) {
      this.#writer.put('live', mark(proven), { value: mark(chain), until });
      this.#writer.put('proven', mark(number), { value: mark(proven) });
    }
    if (!isHeld) for (const key of this.#keys) this.#writer.put('audit', key);
    this.#wake(until);
  }
}

const OPEN_SLOTS: readonly SetName[] = ['conns0', 'conns1'];
const PERIOD_SLOTS: readonly SetName[] = ['periods0', 'periods1'];
const TALLY_SLOTS: readonly SetName[] = ['tallies0', 'tallies1'];

function hasCeiling(volume: Volume): volume is Volume & { readonly maxBytes: number } {
  return volume.maxBytes !== null;
}

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

/** The shortest chain that holds all of a rule's limits. */
function chainOf({ rule: { limits }, isTcp }: MarkSpec): number {
  const ceilings = limits.volumes.filter(hasCeiling);
  const crowded = (['sent', 'received'] as const).some(
    (way) => inDirection(ceilings, way).length > 1 || inDirection(limits.rates, way).length > 1,
  );
  if (crowded || limits.lifetime !== null || (isTcp && limits.sizes.length > 0)) return CHAIN.rich;
  const isLimited = limits.hours !== null || ceilings.length + limits.rates.length + limits.sizes.length > 0;
  return isLimited ? CHAIN.usual : CHAIN.plain;
}
