// The look-up of a flow's number, done on content as the kernel does it on its table: which class an address has, which mark a flow gets.
// For questions about flows, a few at a time; packets are the kernel's.

import { type AddressBytes, addressText, hasPorts, parseAddress } from '#model';
import { mark } from '#nft';
import type { Content, SetElement, SetName } from './content.ts';
import { ENFORCE_BIT, FREE_KEY } from './numbers.ts';
import { bigOf } from './spans.ts';

/** A flow by its initiator. `port` is the responder's, -1 for a protocol without. */
export interface FlowAsked {
  readonly from: AddressBytes;
  readonly to: AddressBytes;
  readonly protocol: number;
  readonly port: number;
}

interface Span<Value> {
  readonly from: Value;
  readonly to: Value;
  readonly number: number;
}

export class ContentWalk {
  readonly #content: Content;
  #nets: readonly Span<bigint>[] | null = null;
  #ranges: ReadonlyMap<string, readonly Span<number>[]> | null = null;

  constructor(content: Content) {
    this.#content = content;
  }

  /** The class of an address, 0 for none. */
  classOf(address: AddressBytes): number {
    const text = addressText(address);
    const single = this.#value(text.includes(':') ? 'eid6' : 'eid4', text);
    if (single !== 0) return single;
    this.#nets ??= netsOf(this.#content);
    return found(this.#nets, bigOf(address));
  }

  /** What the look-up gives: a mark that may be live, a denial, or 0. `named`: the responder's class by a name, where one led to it. */
  markOf({ from, to, protocol, port }: FlowAsked, named: number | null = null): number {
    const initiator = this.classOf(from);
    const responder = named ?? this.classOf(to);
    const ends = `${mark(initiator).nft} . ${mark(responder).nft}`;
    const ported = hasPorts(protocol) ? this.#ported(`${protocol} . ${ends}`, port) : 0;
    if (ported !== 0) return ported;
    const whole = this.#value('anyport', `${protocol} . ${ends}`) || this.#value('anyproto', ends);
    if (whole !== 0) return whole;
    return (initiator & ENFORCE_BIT) === 0 && (responder & ENFORCE_BIT) === 0
      ? this.#value('free', mark(FREE_KEY).nft)
      : 0;
  }

  isLive(number: number): boolean {
    return this.#content.sets.get('live')?.has(mark(number).nft) ?? false;
  }

  #ported(rest: string, port: number): number {
    const exact = this.#value('exact', `${port} . ${rest}`);
    if (exact !== 0) return exact;
    this.#ranges ??= rangesOf(this.#content);
    return found(this.#ranges.get(rest) ?? [], port);
  }

  #value(name: SetName, key: string): number {
    return numberOf(this.#content.sets.get(name)?.get(key));
  }
}

function numberOf(element: SetElement | undefined): number {
  return element?.value == null ? 0 : Number(element.value.nft);
}

function netsOf(content: Content): readonly Span<bigint>[] {
  const elements = [...(content.sets.get('net4') ?? []), ...(content.sets.get('net6') ?? [])];
  return sorted(
    elements.flatMap(([key, element]) => {
      const [first = '', last = first] = key.split('-');
      const from = parseAddress(first);
      const to = parseAddress(last);
      return from === null || to === null ? [] : [{ from: bigOf(from), to: bigOf(to), number: numberOf(element) }];
    }),
  );
}

function rangesOf(content: Content): ReadonlyMap<string, readonly Span<number>[]> {
  const byRest = new Map<string, Span<number>[]>();
  for (const [key, element] of content.sets.get('ranges') ?? []) {
    const at = key.indexOf(' . ');
    const [first = '', last = first] = key.slice(0, at).split('-');
    const list = byRest.get(key.slice(at + 3)) ?? [];
    list.push({ from: Number(first), to: Number(last), number: numberOf(element) });
    byRest.set(key.slice(at + 3), list);
  }
  return new Map([...byRest].map(([rest, spans]) => [rest, sorted(spans)]));
}

function sorted<Value extends bigint | number>(spans: readonly Span<Value>[]): readonly Span<Value>[] {
  return [...spans].sort((one, other) => (one.from < other.from ? -1 : 1));
}

/** The number of the span that holds the value, 0 for none; spans do not overlap. */
function found<Value extends bigint | number>(spans: readonly Span<Value>[], value: Value): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const span = spans[middle];
    if (span === undefined || span.from > value) high = middle;
    else low = middle + 1;
  }
  const span = spans[low - 1];
  return span !== undefined && value <= span.to ? span.number : 0;
}
