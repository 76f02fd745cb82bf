// The grammar of selectors: text to selector and back.
//   either = all { "|" all } ; all = not { "&" not } ; not = ("!" | "not") not | "(" either ")" | atom
//   atom = "any" | "internet" | element id | address | CIDR | MAC | DNS name with a dot | key "=" value | key "!=" value
// `kind=` is the element's kind, `name=` a DNS name without a dot; any other key is a label.

import { ELEMENT_KINDS, macText, parseAddress, parseMac, parsePrefix, prefixText, type Selector } from '#model';
import { didYouMean } from './nearest.ts';
import { isTrouble, quoted, type Trouble, trouble } from './trouble.ts';
import { LABEL_KEY, LABEL_VALUE } from './words.ts';

/** What the words of a selector may refer to. */
export interface Names {
  readonly elements: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
}

/** Characters of one selector; a longer one is better written as a label. */
const SELECTOR_MAX = 8_192;
/** Parentheses and negations inside each other. Parsing and every later walk recurse this deep at most. */
const DEPTH_MAX = 32;

export function parseSelector(text: string, names: Names): Selector | Trouble {
  if (text.length > SELECTOR_MAX)
    return trouble('PICKET-P019', `the selector has more than ${SELECTOR_MAX} characters`);
  const tokens = text.match(/[()&|]|!=|=|!|[^\s()&|!=]+/g) ?? [];
  if (tokens.length === 0) return trouble('PICKET-P019', 'the selector is empty', 'write "any" for every end');
  const reader: Reader = { tokens, at: 0, names };
  const selector = either(reader, 0);
  if (isTrouble(selector) || reader.at >= tokens.length) return selector;
  return trouble(
    'PICKET-P019',
    `cannot read the selector ${quoted(text)} at ${quoted(tokens[reader.at] ?? '')}`,
    JOIN_HELP,
  );
}

const JOIN_HELP = 'join conditions with & (all), | (either), ! (not) and parentheses';

interface Reader {
  readonly tokens: readonly string[];
  at: number;
  readonly names: Names;
}

function either(reader: Reader, depth: number): Selector | Trouble {
  return chain(reader, { sign: '|', kind: 'either', part: () => all(reader, depth) });
}

function all(reader: Reader, depth: number): Selector | Trouble {
  return chain(reader, { sign: '&', kind: 'all', part: () => negation(reader, depth) });
}

interface Chain {
  readonly sign: string;
  readonly kind: 'all' | 'either';
  readonly part: () => Selector | Trouble;
}

function chain(reader: Reader, { sign, kind, part }: Chain): Selector | Trouble {
  const parts: Selector[] = [];
  do {
    const selector = part();
    if (isTrouble(selector)) return selector;
    parts.push(selector);
  } while (take(reader, sign));
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind, of: parts };
}

function take(reader: Reader, token: string): boolean {
  if (reader.tokens[reader.at] !== token) return false;
  reader.at++;
  return true;
}

function negation(reader: Reader, depth: number): Selector | Trouble {
  if (depth > DEPTH_MAX) return trouble('PICKET-P019', `the selector nests deeper than ${DEPTH_MAX} levels`);
  if (take(reader, '!') || take(reader, 'not')) {
    const inner = negation(reader, depth + 1);
    return isTrouble(inner) ? inner : { kind: 'not', of: inner };
  }
  if (!take(reader, '(')) return atom(reader);
  const inner = either(reader, depth + 1);
  if (isTrouble(inner) || take(reader, ')')) return inner;
  return trouble('PICKET-P019', 'the selector opens a parenthesis that it does not close', 'add )');
}

function atom(reader: Reader): Selector | Trouble {
  const word = reader.tokens[reader.at++];
  if (word === undefined) return trouble('PICKET-P019', 'the selector ends where a condition should follow', JOIN_HELP);
  if (/^[()&|!=]/.test(word))
    return trouble('PICKET-P019', `the selector has ${quoted(word)} where a condition should be`, JOIN_HELP);
  const isNegated = take(reader, '!=');
  if (!isNegated && !take(reader, '=')) return wordSelector(word, reader.names);
  const selector = pair(word, reader.tokens[reader.at++] ?? '');
  return isTrouble(selector) || !isNegated ? selector : { kind: 'not', of: selector };
}

function pair(key: string, value: string): Selector | Trouble {
  if (key === 'kind') {
    const kind = ELEMENT_KINDS.find((known) => known === value);
    if (kind !== undefined) return { kind: 'element-kind', value: kind };
    const help = didYouMean(value, ELEMENT_KINDS, `kinds are ${ELEMENT_KINDS.join(', ')}`);
    return trouble('PICKET-P012', `${quoted(value)} is not a kind of element`, help);
  }
  if (key === 'name') {
    const pattern = value.toLowerCase();
    return isDnsName(pattern)
      ? { kind: 'name', pattern }
      : trouble('PICKET-P019', `${quoted(value)} is not a DNS name`);
  }
  if (!LABEL_KEY.test(key))
    return trouble('PICKET-P019', `${quoted(key)} cannot be the key of a label`, 'letters, digits, _ . / -');
  if (!LABEL_VALUE.test(value))
    return trouble('PICKET-P019', `the condition ${quoted(`${key}=`)} names no value`, 'write key=value');
  return { kind: 'label', key, value };
}

function wordSelector(word: string, names: Names): Selector | Trouble {
  if (word === 'any' || word === 'internet') return { kind: word };
  if (names.elements.has(word)) return { kind: 'element', id: word };
  const mac = parseMac(word);
  if (mac !== null) return { kind: 'mac', mac };
  const prefix = parsePrefix(word);
  if (prefix !== null) return { kind: 'prefix', prefix };
  if (looksLikeAddress(word)) return addressTrouble(word);
  const pattern = word.toLowerCase();
  if (word.includes('.') && isDnsName(pattern)) return { kind: 'name', pattern };
  if (names.services.has(word))
    return trouble('PICKET-P018', `${quoted(word)} is a service, not an element`, 'services belong in "to"');
  const help = didYouMean(
    word,
    [...names.elements, 'any', 'internet'],
    'add it to "elements", or select by label, address or name',
  );
  return trouble('PICKET-P018', `no element is called ${quoted(word)}`, help);
}

/** Digits and dots, or anything with a colon or slash: the writer meant an address, so say what is wrong with that. */
export function looksLikeAddress(word: string): boolean {
  return /^[0-9.]+$/.test(word) || /[:/]/.test(word);
}

export function addressTrouble(word: string): Trouble {
  const [address = ''] = word.split('/');
  const hasHostBits = word.includes('/') && parseAddress(address) !== null;
  const help = hasHostBits
    ? 'the length must be 0 to 32 (IPv6: 128) and no bit behind it may be set, as in 10.0.3.0/24'
    : 'write 10.0.3.10, 10.0.3.0/24, 2001:db8::1 or a MAC like 02:42:ac:11:00:05';
  return trouble('PICKET-P013', `${quoted(word)} is not an address`, help);
}

/** `api.example.com`, `*.example.com`, `printer`; lower case. The last part is never a number, so no bad address passes for a name. */
export function isDnsName(name: string): boolean {
  if (name.length > 253) return false;
  const parts = (name.startsWith('*.') ? name.slice(2) : name).split('.');
  return (
    parts.every((part) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(part)) && !/^[0-9]+$/.test(parts.at(-1) ?? '0')
  );
}

const NO_ELEMENTS: ReadonlySet<string> = new Set();

/** Canonical text. With the ids of the elements, a DNS name that is also an id is told apart. */
export function selectorText(selector: Selector, elements: ReadonlySet<string> = NO_ELEMENTS): string {
  switch (selector.kind) {
    case 'any':
    case 'internet':
      return selector.kind;
    case 'element':
      return selector.id;
    case 'element-kind':
      return `kind=${selector.value}`;
    case 'label':
      return `${selector.key}=${selector.value}`;
    case 'prefix':
      return prefixText(selector.prefix);
    case 'mac':
      return macText(selector.mac);
    case 'name':
      return selector.pattern.includes('.') && !elements.has(selector.pattern)
        ? selector.pattern
        : `name=${selector.pattern}`;
    case 'not':
      return notText(selector.of, elements);
    case 'all':
      return selector.of.map((part) => grouped(part, elements)).join(' & ');
    case 'either':
      return selector.of
        .map((part) => (part.kind === 'either' ? grouped(part, elements) : selectorText(part, elements)))
        .join(' | ');
  }
}

function notText(inner: Selector, elements: ReadonlySet<string>): string {
  if (inner.kind === 'label') return `${inner.key}!=${inner.value}`;
  return `!${grouped(inner, elements)}`;
}

function grouped(selector: Selector, elements: ReadonlySet<string>): string {
  const text = selectorText(selector, elements);
  return selector.kind === 'all' || selector.kind === 'either' ? `(${text})` : text;
}
