// Limits that do not count: logon and operations. Text to limit and back.

import { type Factor, isOperationPattern, type Logon, OPERATION_PROTOCOLS } from '#model';
import { didYouMean } from './nearest.ts';
import { durationText, parseDuration } from './quantities.ts';
import { isTrouble, quoted, type Trouble, trouble } from './trouble.ts';

const FACTORS: readonly Factor[] = ['person', 'device'];
const LOGON_HELP =
  'write "person", "device", "person and device" or "required", each with "within 15 min" if it must be recent';

export function parseLogon(text: string): Logon | Trouble {
  const [, named = '', age] = /^(.*?)(?:\s+within\s+(.+))?$/.exec(text.trim().toLowerCase()) ?? [];
  const within = age === undefined ? null : parseDuration(age);
  if (age !== undefined && (within === null || within === 0))
    return trouble('PICKET-P036', `cannot read the age of a logon ${quoted(age)}`, 'write for instance 15 min');
  if (named === 'required') return { factors: [], within };
  const factors: Factor[] = [];
  for (const word of named.split(/\s+and\s+|\s*,\s*/)) {
    const factor = FACTORS.find((known) => known === word);
    if (factor === undefined || factors.includes(factor))
      return trouble(
        'PICKET-P037',
        `cannot read the logon ${quoted(text)}`,
        didYouMean(word, [...FACTORS, 'required'], LOGON_HELP),
      );
    factors.push(factor);
  }
  return { factors, within };
}

export function logonText({ factors, within }: Logon): string {
  const named = factors.length === 0 ? 'required' : factors.join(' and ');
  return within === null ? named : `${named} within ${durationText(within)}`;
}

/** Modbus function codes that only read, and those that write (Modbus application protocol 1.1b3, section 6; 23 does both, so it writes). */
const MODBUS_READ = [1, 2, 3, 4, 7, 11, 12, 17, 20, 24, 43];
const MODBUS_WRITE = [5, 6, 15, 16, 21, 22, 23];

/** MQTT control packet types by number, from 1 (MQTT 3.1.1, table 2.1). */
const MQTT_TYPES = [
  'connect',
  'connack',
  'publish',
  'puback',
  'pubrec',
  'pubrel',
  'pubcomp',
  'subscribe',
  'suback',
  'unsubscribe',
  'unsuback',
  'pingreq',
  'pingresp',
  'disconnect',
];

/** Patterns of one rule. */
const OPERATIONS_MAX = 1_000;
const OPERATIONS_HELP =
  'write for instance "modbus 1/3", "modbus read", "mqtt publish", "dnp3 1", "http GET" or "mcp tools/call search_*"';

export function parseOperations(texts: readonly string[]): readonly string[] | Trouble {
  const patterns: string[] = [];
  for (const text of texts.flatMap((each) => each.split(','))) {
    const found = parseOperation(text.trim().replace(/\s+/g, ' '));
    if (isTrouble(found)) return found;
    patterns.push(...found);
  }
  if (patterns.length === 0)
    return trouble('PICKET-P038', 'the list of operations is empty, so nothing would pass', OPERATIONS_HELP);
  if (patterns.length > OPERATIONS_MAX)
    return trouble('PICKET-P038', `a rule has more than ${OPERATIONS_MAX} operations`);
  return patterns;
}

function parseOperation(text: string): readonly string[] | Trouble {
  const [, protocol = '', rest = ''] = /^(\S+) (.+)$/.exec(text) ?? [];
  if (protocol === 'modbus' && rest === 'read') return MODBUS_READ.map((code) => `modbus */${code}`);
  if (protocol === 'modbus' && rest === 'write') return MODBUS_WRITE.map((code) => `modbus */${code}`);
  const pattern = `${protocol} ${canonical(protocol, rest)}`;
  if (isOperationPattern(pattern) && (protocol !== 'modbus' || isModbusPattern(rest))) return [pattern];
  const help =
    protocol === 'mqtt'
      ? didYouMean(rest, MQTT_TYPES, OPERATIONS_HELP)
      : didYouMean(protocol, OPERATION_PROTOCOLS, OPERATIONS_HELP);
  return trouble('PICKET-P038', `cannot read the operation ${quoted(text)}`, help);
}

/** As packets carry it: names of MQTT as numbers, functions and services that people write in decimal or short as hexadecimal. */
function canonical(protocol: string, rest: string): string {
  if (protocol === 'mqtt') {
    const type = MQTT_TYPES.indexOf(rest) + 1;
    return type > 0 ? String(type) : rest;
  }
  const [first = '', second = '', ...more] = rest.split('/');
  if (more.length > 0) return rest;
  if (protocol === 's7comm' && rest.includes('/')) return `${first}/${hexadecimal(second, 2)}`;
  return protocol === 'enip' && rest.includes('/') ? `${hexadecimal(first, 4)}/${hexadecimal(second, 2)}` : rest;
}

/** `5`, `0x5` and `0x05` are one number; anything else stays. */
function hexadecimal(text: string, digits: number): string {
  return /^(0x[0-9a-f]{1,4}|[0-9]{1,5})$/i.test(text) ? `0x${Number(text).toString(16).padStart(digits, '0')}` : text;
}

/** `<unit>/<function>`, each a number up to 255 or with `*`; or `?`. */
function isModbusPattern(text: string): boolean {
  if (text === '*' || text === '?') return true;
  const parts = text.split('/');
  return (
    parts.length === 2 &&
    parts.every((part) => /^[0-9*]{1,4}$/.test(part) && (part.includes('*') || Number(part) <= 255))
  );
}

/** Patterns as people write them: whole runs of reading or writing functions become one word again. */
export function operationTexts(patterns: readonly string[]): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at < patterns.length; at++) {
    const run = RUNS.find(({ members }) => members.every((member, step) => patterns[at + step] === member));
    texts.push(run?.text ?? operationText(patterns[at] ?? ''));
    if (run !== undefined) at += run.members.length - 1;
  }
  return texts;
}

const RUNS = [
  { text: 'modbus read', members: MODBUS_READ.map((code) => `modbus */${code}`) },
  { text: 'modbus write', members: MODBUS_WRITE.map((code) => `modbus */${code}`) },
];

/** `mqtt 3` is `mqtt publish`; others as they are. */
function operationText(pattern: string): string {
  const type = /^mqtt ([0-9]+)$/.exec(pattern)?.[1];
  const name = type === undefined ? undefined : MQTT_TYPES[Number(type) - 1];
  return name === undefined ? pattern : `mqtt ${name}`;
}

/** One concrete operation for a test sentence: `modbus 1/5`, `mqtt publish`; or null. */
export function parseOneOperation(text: string): string | null {
  const found = parseOperation(text);
  if (isTrouble(found) || found.length !== 1) return null;
  const [only = ''] = found;
  return only.includes('*') ? null : only;
}
