// Questions in words: the sentences of `tests`. Text to question; nothing is judged here.

import {
  APPLICATIONS,
  emptyQuestion,
  type Factor,
  hasPorts,
  type PolicyTest,
  parseMac,
  parsePrefix,
  type Question,
  REASONS,
} from '#model';
import { parseInstant } from './calendar.ts';
import { parseOneOperation } from './conditions.ts';
import { parseClock, parseDay } from './hours.ts';
import { didYouMean } from './nearest.ts';
import { parseBytes, parseDuration } from './quantities.ts';
import { isDnsName, type Names } from './selector.ts';
import { isTrouble, quoted, type Trouble, trouble } from './trouble.ts';
import { PROTOCOLS, parseProtocol } from './words.ts';

/** Characters of one sentence. */
const SENTENCE_MAX = 1_000;
const CODE = 'PICKET-P040';
const FORM =
  'write "<from> may [not] use <to> <service or tcp/443>", then for instance "on Mon 12:00", "after 2 GB", "because outside-hours"';

interface Sentence {
  readonly question: Question;
  readonly isExpectedToPermit: boolean;
  readonly reason: string | null;
}

type Draft = { -readonly [Key in keyof Question]: Question[Key] };

/** One sentence of `tests`. `zone` is where local times are. */
export function parseSentence(text: string, names: Names, zone: string): Sentence | Trouble {
  if (text.length > SENTENCE_MAX) return trouble(CODE, `the sentence has more than ${SENTENCE_MAX} characters`);
  const [, from = '', not, to = '', rest = ''] = /^\s*(\S+)\s+may(\s+not)?\s+use\s+(\S+)\s+(\S.*)$/.exec(text) ?? [];
  if (from === '') return trouble(CODE, `cannot read the sentence ${quoted(text)}`, FORM);
  const words = rest.trim().split(/\s+/);
  const service = parseService(words.shift() ?? '', names.services);
  if (isTrouble(service)) return service;
  const bad = endTrouble(from, names, false) ?? endTrouble(to, names, true);
  if (bad !== null) return bad;
  const draft: Draft = { ...emptyQuestion(from, to), ...service };
  const reader: Reader = { words, at: 0, draft, zone, reason: null, seen: new Set() };
  const failed = readModifiers(reader);
  if (failed !== null) return failed;
  if (reader.reason !== null && not === undefined)
    return trouble(CODE, '"because" names the reason of a denial', 'write "may not use", or delete "because …"');
  return { question: draft, isExpectedToPermit: not === undefined, reason: reader.reason };
}

/** A service's id, `tcp/443`, `udp/53`, `icmp`, or a protocol number. */
function parseService(
  text: string,
  services: ReadonlySet<string>,
): Pick<Question, 'service' | 'protocol' | 'port'> | Trouble {
  if (services.has(text)) return { service: text, protocol: null, port: null };
  const [name = '', digits, ...more] = text.split('/');
  const protocol = parseProtocol(name);
  if (protocol === null || more.length > 0) {
    const help = didYouMean(
      text,
      [...services],
      `name a service, or write tcp/443, udp/53 or icmp (protocols: ${[...PROTOCOLS.keys()].join(', ')})`,
    );
    return trouble('PICKET-P020', `no service is called ${quoted(text)}`, help);
  }
  if (digits === undefined) {
    if (!hasPorts(protocol)) return { service: null, protocol, port: null };
    return trouble(CODE, `${quoted(text)} names no port`, `write ${name}/443`);
  }
  const port = /^[0-9]{1,5}$/.test(digits) ? Number(digits) : 0;
  if (!hasPorts(protocol))
    return trouble('PICKET-P023', `the protocol ${quoted(name)} has no ports`, `write ${name} alone`);
  if (port < 1 || port > 65_535)
    return trouble('PICKET-P002', `port ${quoted(digits)} does not exist`, 'ports go from 1 to 65535');
  return { service: null, protocol, port };
}

function endTrouble(text: string, names: Names, mayBeName: boolean): Trouble | null {
  if (text === 'internet' || names.elements.has(text) || parseMac(text) !== null) return null;
  const prefix = parsePrefix(text);
  if (prefix !== null && prefix.length === 128) return null;
  if (prefix !== null)
    return trouble(
      CODE,
      `${quoted(text)} is a range of addresses`,
      'name one address: a sentence is about one connection',
    );
  if (mayBeName && text.includes('.') && isDnsName(text.toLowerCase())) return null;
  const help = didYouMean(text, [...names.elements, 'internet'], 'name an element, an address, a MAC or "internet"');
  return trouble('PICKET-P018', `no element is called ${quoted(text)}`, help);
}

interface Reader {
  readonly words: readonly string[];
  at: number;
  readonly draft: Draft;
  readonly zone: string;
  reason: string | null;
  readonly seen: Set<string>;
}

function next(reader: Reader): string {
  return reader.words[reader.at++] ?? '';
}

function readModifiers(reader: Reader): Trouble | null {
  // Every round takes at least one word, so the sentence's length bounds it.
  while (reader.at < reader.words.length) {
    const word = next(reader);
    const failed = readModifier(reader, word);
    if (failed !== null) return failed;
  }
  return null;
}

function readModifier(reader: Reader, word: string): Trouble | null {
  const key = word === 'with' ? `with ${reader.words[reader.at] ?? ''}` : word === 'on' ? 'at' : word;
  if (reader.seen.has(key))
    return trouble(CODE, `the sentence says ${quoted(key)} twice`, 'a sentence is about one connection at one time');
  reader.seen.add(key);
  switch (word) {
    case 'on':
      return readDay(reader);
    case 'at':
      return readAt(reader);
    case 'after':
      return readAfter(reader);
    case 'with':
      return readWith(reader);
    case 'logged':
      return readLogon(reader);
    case 'because':
      return readReason(reader);
    default:
      return trouble(
        CODE,
        `cannot read the sentence from ${quoted(word)} on`,
        didYouMean(word, ['on', 'at', 'after', 'with', 'logged', 'because'], FORM),
      );
  }
}

function readDay(reader: Reader): Trouble | null {
  const dayText = next(reader);
  const clock = next(reader);
  const day = parseDay(dayText);
  const minute = parseClock(clock);
  if (day < 0) return trouble(CODE, `${quoted(dayText)} is not a day of the week`, 'write for instance "on Mon 12:00"');
  if (minute === null || minute === 1_440)
    return trouble(CODE, `${quoted(clock)} is not a time of day`, 'times go from 00:00 to 23:59');
  reader.draft.at = { kind: 'week', day, minute };
  return null;
}

function readAt(reader: Reader): Trouble | null {
  const text = next(reader);
  const instant = parseInstant(text, reader.zone);
  if (instant === null)
    return trouble(CODE, `${quoted(text)} is not an instant`, 'write for instance "at 2026-03-29T02:30"');
  reader.draft.at = { kind: 'instant', instant };
  return null;
}

/** A number and its unit, written apart (`2 GB`) or together (`2GB`). */
function amount(reader: Reader): string {
  const first = next(reader);
  return /[A-Za-z]/.test(first) ? first : `${first} ${next(reader)}`;
}

function readAfter(reader: Reader): Trouble | null {
  const text = amount(reader);
  reader.draft.usedBytes = parseBytes(text);
  return reader.draft.usedBytes === null
    ? trouble(CODE, `${quoted(text.trim())} is not a size`, 'write for instance "after 2 GB"')
    : null;
}

function readWith(reader: Reader): Trouble | null {
  const what = next(reader);
  if (what === 'packet') {
    const text = amount(reader);
    reader.draft.packetSize = parseBytes(text);
    const isSize = reader.draft.packetSize !== null && reader.draft.packetSize <= 65_535;
    return isSize
      ? null
      : trouble(CODE, `${quoted(text.trim())} is not the size of a packet`, 'write for instance "with packet 1600 B"');
  }
  if (what === 'application') {
    const name = next(reader);
    reader.draft.application = name;
    if (name === 'unknown' || APPLICATIONS.some((known) => known === name)) return null;
    return trouble(
      'PICKET-P024',
      `${quoted(name)} is not a known application`,
      didYouMean(name, APPLICATIONS, `applications are ${APPLICATIONS.join(', ')}`),
    );
  }
  if (what === 'operation') {
    const text = `${next(reader)} ${next(reader)}`.trim();
    reader.draft.operation = parseOneOperation(text);
    return reader.draft.operation === null
      ? trouble('PICKET-P038', `${quoted(text)} is not one operation`, 'write for instance "with operation modbus 1/5"')
      : null;
  }
  return trouble(
    CODE,
    `cannot read "with" before ${quoted(what)}`,
    didYouMean(
      what,
      ['packet', 'application', 'operation'],
      'write "with packet 1600 B", "with application tls" or "with operation modbus 1/5"',
    ),
  );
}

const LOGON_HELP = 'write for instance "logged on person 10 min ago and device 5 min ago"';

function readLogon(reader: Reader): Trouble | null {
  if (next(reader) !== 'on') return trouble(CODE, '"logged" is not followed by "on"', LOGON_HELP);
  const logon: { factor: Factor; age: number }[] = [];
  do {
    const word = next(reader);
    const factor = word === 'person' || word === 'device' ? word : null;
    if (factor === null || logon.some((each) => each.factor === factor))
      return trouble(CODE, `${quoted(word)} is not a factor of a logon`, LOGON_HELP);
    const age = readAge(reader);
    if (age === null) return trouble(CODE, `the age of the logon of ${quoted(factor)} cannot be read`, LOGON_HELP);
    logon.push({ factor, age });
  } while (take(reader, 'and'));
  reader.draft.logon = logon;
  return null;
}

/** `10 min ago`, or nothing at all, which is now. */
function readAge(reader: Reader): number | null {
  if (!/^[0-9]/.test(reader.words[reader.at] ?? '')) return 0;
  const age = parseDuration(amount(reader));
  return take(reader, 'ago') ? age : null;
}

function take(reader: Reader, word: string): boolean {
  if (reader.words[reader.at] !== word) return false;
  reader.at++;
  return true;
}

function readReason(reader: Reader): Trouble | null {
  const text = next(reader);
  reader.reason = text;
  if (REASONS.some((known) => known === text)) return null;
  return trouble(
    'PICKET-P012',
    `${quoted(text)} is not a reason`,
    didYouMean(text, REASONS, `reasons are ${REASONS.join(', ')}`),
  );
}

export function testOf(text: string, line: number, sentence: Sentence): PolicyTest {
  return { text, line, ...sentence };
}
