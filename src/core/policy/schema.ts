// JSON Schema 2020-12 of the document, for editors. Looser than the parser: it knows keys and closed words, not the small grammars.

import { APPLICATIONS, ELEMENT_KINDS } from '#model';
import type {
  DOCUMENT_KEYS,
  ELEMENT_KEYS,
  LIMIT_KEYS,
  NEVER_KEYS,
  REQUIRE_KEYS,
  RULE_KEYS,
  SERVICE_KEYS,
} from './fields.ts';
import { MODES } from './words.ts';

type Schema = Readonly<Record<string, unknown>>;
/** A key that the parser knows and the schema does not, or the reverse, does not compile. */
type Properties<Keys extends readonly string[]> = Readonly<Record<Keys[number], Schema>>;

const TEXT: Schema = { type: 'string' };
const texts = (description: string): Schema => ({
  description,
  anyOf: [TEXT, { type: 'array', items: TEXT, minItems: 1 }],
});
const text = (description: string): Schema => ({ description, type: 'string' });
const word = (description: string, words: readonly string[]): Schema => ({ description, enum: words });

const SELECTOR = texts(
  'A selector: element id, role=camera, kind=device, internet, any, address, CIDR, MAC; with ! & | ( )',
);
const OWNER = text('Who answers for it');
const WHY = text('Why it is there');
const HOURS = texts('Mon-Fri 06:00-22:00, daily 08:00-18:00, always; joined by ;');
const LOGON = text('person, device, person and device, or required; with "within 15 min" if it must be recent');

const ELEMENT: Properties<typeof ELEMENT_KEYS> = {
  kind: word('What it is', ELEMENT_KINDS),
  address: texts('Address or CIDR, one or several'),
  mac: texts('MAC address, one or several'),
  login: text('Name by which it logs on'),
  labels: {
    description: 'Labels that selectors name',
    type: 'object',
    additionalProperties: { type: ['string', 'number', 'boolean'] },
    propertyNames: { not: { enum: ['kind', 'name'] } },
  },
  data: texts('Classes of data it holds, for instance pii'),
  mode: word('observe records, protect enforces chosen services, enforce denies by default', MODES),
  protect: texts('Services enforced in mode protect; none named means all'),
  safety: word('critical: never cut off by automation', ['critical', 'normal']),
  owner: OWNER,
};

const PORT: Schema = {
  anyOf: [
    { type: 'integer', minimum: 1, maximum: 65535 },
    { type: 'string', pattern: '^ ?[0-9]+( ?- ?[0-9]+)? ?$' },
  ],
};

const SERVICE: Properties<typeof SERVICE_KEYS> = {
  on: texts('Selector of the elements that offer it; in rules also a DNS name'),
  protocol: { description: 'tcp, udp, icmp, …, any, or an IANA number', type: ['string', 'integer'] },
  port: { description: '554, 8000-8100, or a list', anyOf: [PORT, { type: 'array', items: PORT, minItems: 1 }] },
  application: word('What its first bytes must be', [...APPLICATIONS, 'any']),
  logon: word('Whether a logon is needed', ['required', 'no']),
};

const LIMITS: Properties<typeof LIMIT_KEYS> = {
  hours: HOURS,
  volume: texts('1 MB - 2 GB per hour, <= 2 GB per day, >= 2 kB per 10 min; sent, received, for the rule, rolling'),
  size: texts('<= 1500 B, 40 - 1500 B, >= 60 B; sent, received'),
  rate: texts('20 Mbit/s, 2 MB/s burst 64 KiB, 50 packets/s burst 100; sent, received, for the rule'),
  connections: texts('4 open, 10 per min; for the rule'),
  lifetime: text('12 h'),
  logon: LOGON,
  operations: texts('modbus 1/3, modbus read, mqtt publish, dnp3 1, http GET, mcp tools/call search_*'),
  drain: text('30 s: grace before a session that ended is cut'),
};

const TARGET: Schema = { anyOf: [TEXT, { $ref: '#/$defs/service' }] };
const TO: Schema = {
  description: 'Services by name or in place; in guardrails also a selector',
  anyOf: [TARGET, { type: 'array', items: TARGET, minItems: 1 }],
};

const RULE: Properties<typeof RULE_KEYS> = {
  from: SELECTOR,
  to: TO,
  limits: { $ref: '#/$defs/limits' },
  mode: word('audit: judged and recorded, not held', ['audit']),
  owner: OWNER,
  why: WHY,
  until: text('2027-03-31 (the end of that day) or an instant'),
};

const NEVER: Properties<typeof NEVER_KEYS> = { from: SELECTOR, to: TO, owner: OWNER, why: WHY };
const REQUIRE: Properties<typeof REQUIRE_KEYS> = {
  from: SELECTOR,
  to: TO,
  hours: HOURS,
  logon: LOGON,
  owner: OWNER,
  why: WHY,
};

const DOCUMENT: Properties<typeof DOCUMENT_KEYS> = {
  picket: { description: 'Version of the language', enum: [1, '1'] },
  timezone: text('IANA time zone, UTC if not stated'),
  mode: word('Mode of what states none', MODES),
  elements: section('element'),
  services: section('service'),
  rules: section('rule'),
  never: section('never'),
  require: section('require'),
  tests: texts('<from> may [not] use <to> <service> [on Mon 12:00] [because outside-hours]'),
};

function section(definition: string): Schema {
  const names = { pattern: '^[a-z0-9][a-z0-9_.-]*$' };
  return { type: ['object', 'null'], propertyNames: names, additionalProperties: { $ref: `#/$defs/${definition}` } };
}

function object(properties: Schema, required: readonly string[]): Schema {
  return { type: 'object', properties, required, additionalProperties: false };
}

/** A fresh copy, so that no caller can change another's. */
export function policySchema(): object {
  return structuredClone({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Picket policy',
    ...object(DOCUMENT, ['picket']),
    $defs: {
      element: object(ELEMENT, ['kind']),
      service: object(SERVICE, ['on']),
      limits: { ...object(LIMITS, []), type: ['object', 'null'] },
      rule: object(RULE, ['from', 'to']),
      never: object(NEVER, ['from', 'to']),
      require: { ...object(REQUIRE, ['from', 'to']), anyOf: [{ required: ['hours'] }, { required: ['logon'] }] },
    },
  });
}
