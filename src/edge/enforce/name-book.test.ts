// The book of names: which answers open what, for how long, and what is not taken in.

import { describe, expect, it } from 'vitest';
import { HOUR, type Policy, SECOND } from '#model';
import { NameBook, type NamedTable, OTHER_NAMES_MAX, PAIRS_A_CLIENT_MAX } from './name-book.ts';
import { namedKey } from './named-classes.ts';

const ANY = { protocol: null, ports: [], application: null, isLogonRequired: false, id: '' } as const;

function policyOf(...patterns: readonly string[]): Policy {
  const to = patterns.map((pattern) => ({ ...ANY, on: { kind: 'name', pattern } as const }));
  const never = [{ id: 'n', from: { kind: 'any' } as const, to, owner: null, why: null }];
  return { timezone: 'UTC', mode: 'enforce', elements: [], services: [], rules: [], never, require: [], tests: [] };
}

function table(book: NameBook): NamedTable {
  return { classOf: () => 7, named: new Map(book.sets.map((names, at) => [namedKey(7, names), at + 100])) };
}

function put(book: NameBook, now: number, isAll = false): string {
  const { commands, settle } = book.commands(table(book), now, isAll);
  settle();
  return commands.map(({ nft }) => nft).join('\n');
}

const CLIENT = '10.0.0.1';
const answer = (name: string, more: object = {}) => ({
  client: CLIENT,
  server: '9.9.9.9',
  name,
  ttlSeconds: 60,
  ...more,
});

describe('the book of names', () => {
  it.each([
    ['a name that a rule names', 'API.example.com', {}, true],
    ['a name below one', 'a.b.example.org', {}, true],
    ['not the name above', 'example.org', {}, false],
    ['not one that only ends alike', 'badexample.org', {}, false],
    ['no address inside', 'api.example.com', { server: '10.0.0.9' }, false],
    ['no group address', 'api.example.com', { server: '224.0.0.251' }, false],
    ['no address at all', 'api.example.com', { server: '9.9.9.9; flush ruleset' }, false],
    ['no mix of versions', 'api.example.com', { server: '2600::1' }, false],
    ['no name longer than names are', `${'a.'.repeat(130)}example.org`, {}, false],
  ])('takes %s', (_what, name, more, isTaken) => {
    const book = new NameBook();
    book.setPolicy(policyOf('api.example.com', '*.example.org'));
    expect(book.bind(answer(name, more), 0)).toBe(isTaken);
    expect(put(book, 0) !== '').toBe(isTaken);
  });

  it.each([
    [0, 3_600],
    [60, 3_600],
    [3_600, 3_600],
    [3_601, 3_601],
    [Number.NaN, 3_600],
  ])('holds a name of %i s for %i s', (ttlSeconds, held) => {
    const book = new NameBook();
    book.setPolicy(policyOf('a.org'));
    book.bind(answer('a.org', { ttlSeconds }), 0);
    expect(put(book, 0)).toBe(`add element inet picket named4 { 10.0.0.1 . 9.9.9.9 timeout ${held}s0ms : 0x00000064 }`);
  });

  it('makes the element anew with every answer, and with what is left when a name ends', () => {
    const book = new NameBook();
    book.setPolicy(policyOf('a.org', 'b.org'));
    book.bind(answer('a.org'), 0);
    put(book, 0);
    book.bind(answer('b.org'), 1_000 * SECOND);
    expect(book.nextEnd).toBe(HOUR);
    expect(put(book, 1_000 * SECOND)).toContain(
      'add element inet picket named4 { 10.0.0.1 . 9.9.9.9 timeout 2600s0ms : 0x00000065 }',
    );
    book.wake(HOUR);
    book.bind(answer('b.org'), HOUR);
    expect(put(book, HOUR)).toContain(
      'add element inet picket named4 { 10.0.0.1 . 9.9.9.9 timeout 3600s0ms : 0x00000066 }',
    );
  });

  it('opens by an earlier answer what another policy names, and closes what it does not', () => {
    const book = new NameBook();
    book.setPolicy(policyOf('a.org'));
    expect(book.bind(answer('b.org'), 0)).toBe(false);
    book.bind(answer('a.org', { server: '9.9.9.8' }), 0);
    put(book, 0);
    const { epoch } = book;
    book.setPolicy(policyOf('b.org'));
    expect(book.epoch).not.toBe(epoch);
    const text = put(book, 0, true);
    expect(text).toContain('delete element inet picket named4 { 10.0.0.1 . 9.9.9.8 }');
    expect(text).toContain('add element inet picket named4 { 10.0.0.1 . 9.9.9.9 timeout');
  });

  it('keeps room for other clients when one asks for everything', () => {
    const book = new NameBook();
    book.setPolicy(policyOf('*.org'));
    const server = (at: number): string => `9.${at >> 16}.${(at >> 8) & 255}.${at & 255}`;
    for (let at = 0; at < PAIRS_A_CLIENT_MAX; at++)
      expect(book.bind(answer('a.org', { server: server(at) }), 0)).toBe(true);
    expect(book.bind(answer('a.org', { server: server(PAIRS_A_CLIENT_MAX) }), 0)).toBe(false);
    expect(book.refused).toBe(1);
    expect(book.bind(answer('a.org', { client: '10.0.0.2' }), 0)).toBe(true);
    expect(book.bind(answer('a.org', { server: server(PAIRS_A_CLIENT_MAX) }), 2 * HOUR)).toBe(true);
  });

  it.each([365 * 24 * HOUR, -365 * 24 * HOUR])('changes nothing in the kernel when the clock is set by %i', (jump) => {
    const book = new NameBook();
    book.setPolicy(policyOf('api.example.com', '*.example.org'));
    book.bind(answer('api.example.com'), 0);
    put(book, 0);
    book.shift(jump);
    expect(put(book, jump + HOUR / 2, true)).toBe('');
    expect(put(book, jump + HOUR, true)).toContain('delete element inet picket named4');
  });

  it.each([
    [OTHER_NAMES_MAX - 1, true],
    [OTHER_NAMES_MAX, false],
  ])('keeps an answer for the next policy behind %i others of its address: %s', (others, isKept) => {
    const book = new NameBook();
    book.setPolicy(policyOf('other.example.net'));
    book.bind(answer('api.example.com'), 0);
    for (let at = 0; at < others; at++) book.bind(answer(`n${at}.example.com`), 0);
    book.setPolicy(policyOf('api.example.com'));
    expect(put(book, 1) !== '').toBe(isKept);
  });
});
