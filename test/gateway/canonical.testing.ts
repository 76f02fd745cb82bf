// Content without its choice of numbers: two contents that say the same have the same text, whatever numbers their classes, marks and objects
// have. Labels are refined from what each number is told together with, so that numbers with another part in the table have another label.

import { createHash } from 'node:crypto';
import type { Content, SetName } from '#enforce';
import type { Instant } from '#model';

/** One element or object: fixed words, and numbers in their order. */
interface Told {
  readonly words: string;
  readonly numbers: readonly string[];
  readonly until: Instant | null;
}

const ROUNDS = 4;
const CLASS_BIT = 0x0800_0000;
const WORDS_FROM = 2 ** 28;
const TERMS = 0x0080_0000;
const CLASS_FLAGS = 0x0040_0000;

type Kind = 'class' | 'mark' | 'found' | 'word' | 'opening' | 'term' | 'thing';

/** What the numbers of each set are: those of the key, then those of the value. */
const KINDS: Partial<Record<SetName, readonly Kind[]>> = {
  eid4: ['class'],
  eid6: ['class'],
  net4: ['class'],
  net6: ['class'],
  exact: ['class', 'class', 'found'],
  ranges: ['class', 'class', 'found'],
  anyport: ['class', 'class', 'found'],
  anyproto: ['class', 'class', 'found'],
  wide: ['class', 'class'],
  live: ['mark', 'word'],
  proven: ['mark', 'mark'],
  redeems: ['mark', 'mark'],
  open: ['opening'],
  drains: ['word'],
  sizes_sent: ['word'],
  sizes_received: ['word'],
  gates: ['mark', 'term'],
  rails: ['mark', 'term'],
  fresh: ['mark', 'term'],
  conns0: ['mark', 'thing'],
  conns1: ['mark', 'thing'],
  conncount: ['thing'],
};
const NUMBER = /0x[0-9a-f]{8}|"?\bl\d+\b"?/g;

export interface Canonical {
  readonly elements: readonly string[];
  /** Ends by the element that has them, in the order of `elements`. */
  readonly ends: readonly (Instant | null)[];
}

/** What has ended at `now` is left out: the kernel dropped it by itself. */
export function canonical(content: Content, now: Instant): Canonical {
  const told = [...toldBy(content)].filter(({ until }) => until === null || until > now);
  let labels = new Map<string, string>();
  for (let round = 0; round < ROUNDS; round++) labels = refined(told, labels);
  const lines = told.map(({ words, numbers, until }) => ({
    text: `${words} ${numbers.map((one) => labels.get(one)).join()}`,
    until,
  }));
  lines.sort((one, other) =>
    one.text < other.text ? -1 : one.text > other.text ? 1 : Number(one.until) - Number(other.until),
  );
  return { elements: lines.map(({ text }) => text), ends: lines.map(({ until }) => until) };
}

function refined(told: readonly Told[], labels: ReadonlyMap<string, string>): Map<string, string> {
  const seen = new Map<string, string[]>();
  for (const { words, numbers } of told) {
    const line = `${words} ${numbers.map((one) => labels.get(one) ?? '').join()}`;
    for (const [at, one] of numbers.entries()) {
      const list = seen.get(one);
      if (list === undefined) seen.set(one, [`${at} ${line}`]);
      else list.push(`${at} ${line}`);
    }
  }
  return new Map([...seen].map(([one, lines]) => [one, digest(lines.sort().join('\n'))]));
}

function* toldBy({ sets, objects }: Content): Iterable<Told> {
  for (const [name, elements] of sets)
    for (const { key, statement, value, until } of elements.values()) {
      const numbers: string[] = [];
      const kinds = KINDS[name] ?? ['mark'];
      const text = `${key.nft} ${statement?.nft ?? ''} : ${value?.nft ?? ''}`;
      // Each number is read once and in its order; what of it is no free choice stays in the words.
      const words = text.replace(NUMBER, (number) => {
        const { word, free } = partsOf(number, kinds[numbers.length] ?? 'mark');
        numbers.push(free);
        return word;
      });
      yield { words: `${name} ${words}`, numbers, until };
    }
  const used = new Set([...sets.values()].flatMap((set) => [...set.values()].map(({ value }) => value?.nft)));
  for (const { name, kind, body } of objects.values()) {
    // A budget that no rule has any more is kept until its window ends.
    if (!used.has(`"${name}"`)) continue;
    const isFree = name.startsWith('l');
    yield {
      words: `${kind} ${isFree ? '' : name} ${body.nft}`,
      numbers: isFree ? [`object ${name}`] : [],
      until: null,
    };
  }
}

function partsOf(text: string, kind: Kind): { readonly word: string; readonly free: string } {
  if (!text.startsWith('0x')) return { word: '#', free: `object ${text.replaceAll('"', '')}` };
  const number = Number(text);
  if (kind === 'class') return { word: `class${number >>> 22}`, free: `class ${number % CLASS_FLAGS}` };
  if (kind === 'found' && (number & CLASS_BIT) !== 0) return { word: text, free: 'denial' };
  if (kind === 'word' || (kind === 'opening' && number >= WORDS_FROM))
    return { word: `word${number >>> 23}`, free: number % TERMS === 0 ? 'none' : `term ${number % TERMS}` };
  if (kind === 'term' || kind === 'opening') return { word: 'term', free: `term ${number}` };
  return { word: '#', free: `${kind === 'found' ? 'mark' : kind} ${number}` };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
