// Datagrams put together from fragments: every order, repetitions, contradictions, and each bound just inside and just outside.

import { describe, expect, it } from 'vitest';
import {
  DATAGRAM_BYTES_MAX,
  DATAGRAMS_BYTES_MAX,
  DATAGRAMS_MAX,
  type Datagram,
  Datagrams,
  type Fragment,
} from './datagrams.ts';

/** Content of a datagram: every byte tells its place. */
const CONTENT = Uint8Array.from({ length: 70_000 }, (_, at) => at % 251);

interface Sent extends Partial<Fragment> {
  readonly length?: number;
}

/** Bytes `offset` up to `offset + length` of the content, eight unless told otherwise. */
function part(offset: number, sent: Sent = {}): Fragment {
  const { length = 8, ...more } = sent;
  return {
    at: 0,
    ipVersion: 4,
    source: 1,
    destination: 2,
    protocol: 17,
    id: 5,
    offset,
    isLast: false,
    isCut: false,
    data: CONTENT,
    from: offset,
    to: offset + length,
    ...more,
  };
}

const last = (offset: number, sent: Sent = {}): Fragment => part(offset, { isLast: true, ...sent });
const other = (offset: number, sent: Sent = {}): Fragment =>
  part(offset, { from: offset + 1, to: offset + 9, ...sent });

/** Answers of all fragments one after the other. */
function told(fragments: readonly Fragment[], datagrams = new Datagrams()): readonly (Datagram | null)[] {
  return fragments.map((fragment) => {
    const answer = datagrams.add(fragment);
    return typeof answer === 'string' ? null : answer;
  });
}

/** Lengths of the wholes, at the places where they were told. */
function lengths(fragments: readonly Fragment[], datagrams = new Datagrams()): readonly (number | null)[] {
  return told(fragments, datagrams).map((datagram) => datagram?.data.length ?? null);
}

const A = part(0);
const B = part(8);
const C = last(16, { length: 5 });

describe('Datagrams.add()', () => {
  it.each([
    { order: [A, B, C] },
    { order: [A, C, B] },
    { order: [B, A, C] },
    { order: [B, C, A] },
    { order: [C, A, B] },
    { order: [C, B, A] },
  ])('tells the whole at the part that was missing, order %#', ({ order }) => {
    const answers = told(order);
    expect(answers.slice(0, 2)).toEqual([null, null]);
    expect(answers[2]).toEqual({ data: CONTENT.slice(0, 21), protocol: 17 });
  });

  it.each([
    { name: 'a part twice', parts: [A, A, B, B, C] },
    { name: 'the last part twice', parts: [C, A, C, B] },
    { name: 'all but one part twice, in between', parts: [B, C, B, C, A] },
    { name: 'an empty part', parts: [A, part(8, { length: 0 }), B, C] },
    { name: 'a part too short to count', parts: [A, part(8, { length: 7 }), B, C] },
    { name: 'a cut part that comes again', parts: [A, part(8, { isCut: true, to: 12 }), B, C] },
    { name: 'bytes that do not make eight', parts: [A, part(8, { length: 15 }), C] },
  ])('tells the whole once in spite of $name', ({ parts }) => {
    expect(lengths(parts)).toEqual([...parts.slice(1).map(() => null), 21]);
  });

  it.each([
    { name: 'without a first part', parts: [B, C] },
    { name: 'without a middle part', parts: [A, C] },
    { name: 'without a last part', parts: [A, B, part(16)] },
    { name: 'with a cut part', parts: [A, part(8, { isCut: true, to: 12 }), C] },
    { name: 'with a part of another content', parts: [A, B, other(8), C] },
    { name: 'with a part that reaches into the next', parts: [A, B, part(0, { length: 16 }), C] },
    { name: 'with a part that reaches into the one before', parts: [part(0, { length: 16 }), B, C] },
    { name: 'with a part inside another', parts: [part(0, { length: 32 }), B, last(32)] },
    { name: 'with a part over all', parts: [B, part(0, { length: 24 }), C] },
    { name: 'with a part behind the last', parts: [A, C, part(24), B] },
    { name: 'with a last part before another', parts: [A, part(24), last(8), B, C] },
    { name: 'with two different ends', parts: [C, last(24), A, B] },
    { name: 'with the last part of another length', parts: [C, last(16, { length: 6 }), A, B] },
  ])('tells nothing of a datagram $name', ({ parts }) => {
    expect(lengths(parts)).toEqual(parts.map(() => null));
  });

  it.each([
    { name: 'parts that fit', parts: [A, B], contradictions: 0 },
    { name: 'a part that came before', parts: [A, A, B], contradictions: 0 },
    { name: 'a part of another content', parts: [A, B, other(8)], contradictions: 1 },
    { name: 'a part that reaches into the next', parts: [A, B, part(0, { length: 16 })], contradictions: 1 },
    { name: 'two different ends', parts: [C, last(24)], contradictions: 1 },
    { name: 'a cut part, which says nothing', parts: [A, part(8, { isCut: true, to: 12 })], contradictions: 0 },
  ])('names the part that contradicts: $name', ({ parts, contradictions }) => {
    const datagrams = new Datagrams();
    const answers = parts.map((fragment) => datagrams.add(fragment));
    expect(answers.filter((answer) => answer === 'contradiction')).toHaveLength(contradictions);
    expect(answers.at(-1)).toBe(contradictions > 0 ? 'contradiction' : 'waiting');
  });

  it('tells a datagram that is sent anew, whole, under the key of a contradiction', () => {
    expect(lengths([A, B, other(8), A, B, C])).toEqual([null, null, null, null, null, 21]);
  });

  it('takes the key anew behind a whole', () => {
    expect(lengths([A, B, C, A, B, C])).toEqual([null, null, 21, null, null, 21]);
  });

  it.each([
    { name: 'source', more: { source: 3 } },
    { name: 'destination', more: { destination: 3 } },
    { name: 'protocol', more: { protocol: 6 } },
    { name: 'identification', more: { id: 6 } },
    { name: 'IP version', more: { ipVersion: 6 as const } },
  ])('does not join parts of another $name', ({ more }) => {
    expect(lengths([A, { ...B, ...more }, C, B])).toEqual([null, null, null, 21]);
  });

  it('looks at the type of the first part alone in IPv6', () => {
    const six = { ipVersion: 6 } as const;
    const parts = [
      { ...C, ...six, protocol: 60 },
      { ...A, ...six },
      { ...B, ...six, protocol: 6 },
    ];
    expect(told(parts)[2]).toEqual({ data: CONTENT.slice(0, 21), protocol: 17 });
  });

  it.each([
    { ipVersion: 4 as const, seconds: 30 },
    { ipVersion: 6 as const, seconds: 60 },
  ])('waits less than $seconds s for the rest in IPv$ipVersion, whichever way time runs', ({ ipVersion, seconds }) => {
    const first = part(0, { ipVersion });
    for (const way of [1, -1]) {
      const at = way * seconds * 1_000_000;
      expect(lengths([first, last(8, { ipVersion, at: at - way })])).toEqual([null, 16]);
      expect(lengths([first, last(8, { ipVersion, at })])).toEqual([null, null]);
    }
  });

  it('begins anew behind one that waited too long', () => {
    const at = 30_000_000;
    expect(lengths([other(0), part(0, { at }), last(8, { at })])).toEqual([null, null, 16]);
  });
});

describe('bounds of Datagrams', () => {
  it('puts together as much as an IP length can say, and no more', () => {
    const end = DATAGRAM_BYTES_MAX - (DATAGRAM_BYTES_MAX % 8);
    const first = part(0, { length: end });
    expect(lengths([first, last(end, { length: 7 })])).toEqual([null, DATAGRAM_BYTES_MAX]);
    expect(lengths([first, last(end, { length: 8 })])).toEqual([null, null]);
    expect(lengths([A, last(65_528, { length: 100 }), B, C])).toEqual([null, null, null, null]);
  });

  it('puts together the smallest parts there can be, backwards', () => {
    const parts = Array.from({ length: 8_191 }, (_, at) => part(at * 8));
    expect(lengths([last(8_191 * 8, { length: 7 }), ...parts.reverse()]).at(-1)).toBe(DATAGRAM_BYTES_MAX);
  });

  it('gives up the oldest when too many are under way', () => {
    const many = Array.from({ length: DATAGRAMS_MAX }, (_, id) => part(0, { id }));
    const exact = new Datagrams();
    expect(lengths([...many, last(8, { id: 0 })], exact).at(-1)).toBe(16);
    const over = new Datagrams();
    told([...many, part(0, { id: DATAGRAMS_MAX })], over);
    expect(over.size).toBe(DATAGRAMS_MAX);
    expect(lengths([last(8, { id: 1 }), last(8, { id: DATAGRAMS_MAX }), last(8, { id: 0 })], over)).toEqual([
      16,
      16,
      null,
    ]);
  });

  it('gives up the oldest when they hold too many bytes', () => {
    // With its 128 bytes beside them, a part is the 64th of all memory.
    const length = DATAGRAMS_BYTES_MAX / 64 - 128;
    const many = Array.from({ length: 64 }, (_, id) => part(0, { id, length }));
    const full = new Datagrams();
    told(many, full);
    expect(full.size).toBe(64);
    expect(lengths([part(0, { id: 64 }), last(length, { id: 1 }), last(length, { id: 0 })], full)).toEqual([
      null,
      length + 8,
      null,
    ]);
  });

  it('holds nothing when all are whole', () => {
    const datagrams = new Datagrams();
    for (let id = 0; id < 3_000; id++) told([part(0, { id, length: 4_096 }), last(4_096, { id })], datagrams);
    expect(datagrams.size).toBe(0);
    expect(lengths([A, B, C], datagrams)[2]).toBe(21);
  });
});
