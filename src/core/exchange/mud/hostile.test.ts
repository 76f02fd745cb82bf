// Files made to harm: too large, too deep, of the wrong types, with keys and names that mean something elsewhere. All or nothing, and never a throw.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePolicy, printPolicy } from '#policy';
import { importMud, type MudResult } from './import.ts';
import { ALL_GENERIC, mudText, OPTIONS } from './mud.testing.ts';
import { MUD_ENTRIES_MAX, MUD_TEXT_MAX } from './read.ts';

function read(text: string): MudResult {
  return importMud([{ name: 'bulb.json', text }], { ...OPTIONS, generic: ALL_GENERIC });
}

function problems(text: string): string {
  const result = read(text);
  return result.kind === 'imported'
    ? 'imported'
    : result.problems.map(({ path, message }) => `${path} ${message}`).join('; ');
}

const GOOD = mudText({
  from: [
    {
      matches: {
        ipv4: { 'ietf-acldns:dst-dnsname': 'a.example.com', protocol: 6 },
        tcp: { 'destination-port': { operator: 'eq', port: 443 } },
      },
    },
    { matches: { 'ietf-mud:mud': { controller: 'urn:example:hub' }, ipv4: { protocol: 17 } } },
    { matches: { eth: { ethertype: '0x888e' } } },
  ],
  to: [
    {
      matches: {
        'ietf-mud:mud': { 'local-networks': [null] },
        tcp: { 'destination-port': { 'lower-port': 1, 'upper-port': 9 } },
      },
    },
  ],
});

describe('importMud() refuses', () => {
  it.each([
    ['an empty text', '', 'the document is not JSON'],
    ['half a text', GOOD.slice(0, 400), 'the document is not JSON'],
    ['10 MiB', `"${'x'.repeat(10 * 1024 * 1024)}"`, 'has more than'],
    ['a deep text', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, 'the document must be a map'],
    ['another document', '{"picket":1}', 'has no "ietf-mud:mud"'],
    ['null', 'null', 'must be a map, and it is null'],
    [
      'no lists',
      '{"ietf-mud:mud":{"mud-version":1,"mud-url":"https://a.example/"}}',
      'has no "ietf-access-control-list:acls"',
    ],
    ['a version to come', GOOD.replace('"mud-version":1', '"mud-version":2'), 'mud-version must be 1'],
    ['no URL', GOOD.replace('"mud-url"', '"mud-uri"'), 'has no "mud-url"'],
    ['a URL that is none', GOOD.replace('https://maker.example', 'javascript:1//'), 'no https URL'],
    [
      'a list that is not there',
      GOOD.replace('"access-list":[{"name":"from"}]', '"access-list":[{"name":"form"}]'),
      'names the list "form"',
    ],
    [
      'a list of a prototype',
      GOOD.replace('"access-list":[{"name":"from"}]', '"access-list":[{"name":"__proto__"}]'),
      'names the list "__proto__"',
    ],
    ['two lists of one name', GOOD.replace('{"name":"to","type"', '{"name":"from","type"'), 'a second list'],
    [
      'both containers',
      GOOD.replace(
        '"ietf-access-control-list:acls"',
        '"ietf-access-control-list:access-lists":{"acl":[]},"ietf-access-control-list:acls"',
      ),
      'has both',
    ],
    [
      'an action that is none',
      GOOD.replace('"forwarding":"accept"', '"forwarding":"allow"'),
      'must be accept, drop or reject',
    ],
    ['a name that is none', GOOD.replace('a.example.com', 'a..com'), 'must be a DNS name'],
    [
      'a name with control characters',
      GOOD.replace('a.example.com', 'a\\u001b[31m.com'),
      'must be a DNS name, and it is "a?[31m.com"',
    ],
    [
      'an address out of range',
      GOOD.replace('"ietf-acldns:dst-dnsname":"a.example.com"', '"destination-ipv4-network":"10.0.0.1/8"'),
      'must be a network',
    ],
  ])('%s', (_title, text, message) => {
    const answer = problems(text);
    expect(answer).toContain(message);
    expect(answer).not.toMatch(/\p{Cc}/u);
  });

  it('more entries than any device needs, and takes just as many', () => {
    const entry = { matches: { ipv4: { protocol: 6 } } };
    const of = (count: number): string => mudText({ from: new Array(count).fill(entry) });
    expect(problems(of(MUD_ENTRIES_MAX))).toBe('imported');
    expect(problems(of(MUD_ENTRIES_MAX + 1))).toContain(`goes beyond ${MUD_ENTRIES_MAX} entries`);
  });

  it('texts from the limit on', () => {
    const pad = (length: number): string => GOOD + ' '.repeat(length - GOOD.length);
    expect(problems(pad(MUD_TEXT_MAX))).toBe('imported');
    expect(problems(pad(MUD_TEXT_MAX + 1))).toContain('has more than');
  });
});

/** Every place of the good file, one value exchanged. */
const PLACES = places(JSON.parse(GOOD), []);
const WRONG: readonly unknown[] = [
  null,
  true,
  -1,
  1e300,
  '',
  '__proto__',
  [],
  [null],
  {},
  { __proto__: null },
  [[[]]],
  'x'.repeat(3_000),
];

function places(value: unknown, path: readonly string[]): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...path, key]))];
}

function exchanged(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((inner, at) => (String(at) === key ? exchanged(inner, rest, by) : inner));
  if (typeof value !== 'object' || value === null) return by;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, name === key ? exchanged(inner, rest, by) : inner]),
  );
}

/** Never more than the good file permits: the number of rules is a plain measure of that here. */
function isSound(text: string): boolean {
  const result = read(text);
  if (result.kind === 'refused') return result.problems.length > 0;
  const { policy, comments } = result.imported;
  const parsed = parsePolicy(printPolicy(policy, comments), 'x');
  return parsed.policy !== null && JSON.stringify(parsed.policy) === JSON.stringify(policy);
}

describe('importMud() answers whatever stands where', () => {
  it.each(WRONG.map((wrong) => [JSON.stringify(wrong).slice(0, 20), wrong] as const))('%s', (_title, wrong) => {
    const good: unknown = JSON.parse(GOOD);
    for (const path of PLACES) {
      const text = JSON.stringify(exchanged(good, path, wrong));
      expect(isSound(text), `${path.join('.')} ${text}`).toBe(true);
    }
  });

  it('and any text in any text', () => {
    const texts = PLACES.filter((path) => typeof valueAt(JSON.parse(GOOD), path) === 'string');
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.string({ unit: 'binary', maxLength: 200 }), (path, text) =>
        isSound(JSON.stringify(exchanged(JSON.parse(GOOD), path, text))),
      ),
      { seed: 8_520, numRuns: 100 },
    );
  });

  it('comments and ids stay on their lines', () => {
    const result = read(
      GOOD.replace(
        '"mud-version":1',
        '"mud-version":1,"systeminfo":"a\\nrules: {}\\u202e\\u001b","mfg-name":"x\\r\\ny"',
      ),
    );
    if (result.kind === 'refused') throw new Error(JSON.stringify(result.problems));
    const text = printPolicy(result.imported.policy, result.imported.comments);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(text).toContain('# a?rules: {}??, made by x??y');
  });
});

function valueAt(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  return valueAt(Object.entries(value).find(([name]) => name === key)?.[1], rest);
}
