// The three formats: OCSF held against the facts of its published schema, CEF read back by its own rules, ECS by its closed lists.

import { describe, expect, it } from 'vitest';
import { AT, EVENTS, HOSTILE } from '../event.testing.ts';
import type { SecurityEvent } from '../event.ts';
import { cefOf } from './cef.ts';
import { ecsOf } from './ecs.ts';
import { OCSF_VERSION, ocsfOf } from './ocsf.ts';

const product = { version: '1.2.3', host: 'controller.example' };
const titled = EVENTS.map((event, index) => ({ title: `${index} ${event.kind}`, event }));

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a path of names, undefined where there is none. */
function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, name) => (isFields(inner) ? inner[name] : undefined), value);
}

/**
 * Facts of the OCSF schema (github.com/ocsf/ocsf-schema, 1.6 to 1.9): what every class requires, what each class adds, which
 * numbers its activities have, and what objects require of themselves.
 */
const OF_ALL = ['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid'];
const CLASSES: Readonly<Record<number, { readonly required: readonly string[]; readonly activities: number }>> = {
  2003: { required: ['finding_info', 'compliance'], activities: 3 },
  2004: { required: ['finding_info'], activities: 3 },
  3002: { required: ['user'], activities: 7 },
  3005: { required: ['user', 'privileges'], activities: 4 },
  4001: { required: ['dst_endpoint'], activities: 7 },
  4014: { required: ['src_endpoint'], activities: 3 },
  5001: { required: ['device'], activities: 2 },
  5019: { required: ['device'], activities: 2 },
  6002: { required: ['app'], activities: 8 },
  6003: { required: ['actor', 'api', 'src_endpoint'], activities: 4 },
};
const OBJECTS: Readonly<Record<string, { readonly all: readonly string[]; readonly oneOf: readonly string[] }>> = {
  metadata: { all: ['product', 'version'], oneOf: [] },
  finding_info: { all: ['uid'], oneOf: [] },
  device: { all: ['type_id'], oneOf: [] },
  api: { all: ['operation'], oneOf: [] },
  connection_info: { all: ['direction_id'], oneOf: [] },
  user: { all: [], oneOf: ['account', 'name', 'uid'] },
  'actor.user': { all: [], oneOf: ['account', 'name', 'uid'] },
  src_endpoint: { all: [], oneOf: ['ip', 'uid', 'name', 'hostname'] },
  dst_endpoint: { all: [], oneOf: ['ip', 'uid', 'name', 'hostname'] },
  policy: { all: [], oneOf: ['name', 'type', 'uid'] },
};

describe('ocsfOf()', () => {
  it.each(titled)('$title has what its class requires', ({ event }) => {
    const made = ocsfOf(event, product);
    const uid = Number(made.class_uid);
    const known = CLASSES[uid];
    expect(known, `class ${uid}`).toBeDefined();
    for (const field of [...OF_ALL, ...(known?.required ?? [])]) expect(made, field).toHaveProperty(field);
    expect(made.category_uid).toBe(Math.floor(uid / 1000));
    expect(made.type_uid).toBe(uid * 100 + Number(made.activity_id));
    expect(Number(made.activity_id)).toBeGreaterThan(0);
    expect(Number(made.activity_id)).toBeLessThanOrEqual(known?.activities ?? 0);
    expect(made.time).toBe(AT);
    expect(at(made, 'metadata.version')).toBe(OCSF_VERSION);
    for (const [path, { all, oneOf }] of Object.entries(OBJECTS)) {
      const object = at(made, path);
      if (!isFields(object)) continue;
      for (const field of all) expect(object, `${path}.${field}`).toHaveProperty(field);
      if (oneOf.length > 0)
        expect(
          Object.keys(object).some((field) => oneOf.includes(field)),
          path,
        ).toBe(true);
    }
    expect(JSON.stringify(made)).not.toContain(':null');
  });

  it.each([
    ['allowed', 1, 1],
    ['dropped', 2, 6],
    ['cut', 2, 21],
    ['challenged', 2, 23],
    ['revoked', 2, 24],
    ['unauthorised', 2, 26],
    ['logged', 3, 17],
  ])('tells %s as action %i and disposition %i', (effect, action, disposition) => {
    const event = EVENTS.find((one) => one.kind === 'verdict' && one.effect === effect);
    expect(event).toBeDefined();
    if (event === undefined) return;
    expect(ocsfOf(event, product)).toMatchObject({ action_id: action, disposition_id: disposition });
  });

  it('names the rule, and the class of each kind of event', () => {
    expect(at(ocsfOf(firstOf('verdict'), product), 'firewall_rule.uid')).toBe(HOSTILE);
    const classes = EVENTS.map((event) => [event.kind, ocsfOf(event, product).class_uid]);
    expect(Object.fromEntries(classes)).toEqual({
      verdict: 4014,
      logon: 3002,
      grant: 3005,
      finding: 2004,
      control: 2003,
      element: 5001,
      policy: 5019,
      agent: 6002,
      act: 6003,
    });
  });
});

function firstOf(kind: SecurityEvent['kind']): SecurityEvent {
  const found = EVENTS.find((event) => event.kind === kind);
  if (found === undefined) throw new Error(`there is no event of kind ${kind}`);
  return found;
}

/** Reads a CEF line by the format's own rules. */
function readCef(line: string): {
  readonly head: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
} {
  const parts = line.split(/(?<!\\)(?:\\\\)*\|/);
  const extension = parts.slice(7).join('|');
  const fields: Record<string, string> = {};
  for (const match of extension.matchAll(/(\w+)=((?:\\.|[^\\=])*?)(?= \w+=|$)/gs))
    fields[match[1] ?? ''] = (match[2] ?? '').replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign));
  return { head: parts.slice(0, 7), fields };
}

describe('cefOf()', () => {
  it.each(titled)('$title is one line that reads back', ({ event }) => {
    const line = cefOf(event, product);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is asked.
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    const { head, fields } = readCef(line);
    expect(head.slice(0, 4)).toEqual(['CEF:0', 'Picket', 'Picket', '1.2.3']);
    expect(head).toHaveLength(7);
    expect(fields).toMatchObject({ rt: String(AT), externalId: 'event-1', cs6: 'plant.example' });
  });

  it('gives hostile names back as they were, less what a terminal would obey', () => {
    const { fields } = readCef(cefOf(firstOf('verdict'), product));
    expect(fields.cs1).toBe(HOSTILE.replace('\u001b', '?').replace('\u2028', '?'));
    expect(fields).toMatchObject({ src: '10.0.3.21', dpt: '554', proto: 'tcp', cs1Label: 'rule' });
    const title = cefOf(firstOf('finding'), product);
    expect(title).toContain('|a\\|b=c\\\\d "e"');
  });
});

describe('ecsOf()', () => {
  const CATEGORIES = ['authentication', 'configuration', 'host', 'iam', 'intrusion_detection', 'network'];
  const TYPES = ['allowed', 'change', 'connection', 'denied', 'end', 'info', 'start', 'user'];

  it.each(titled)('$title uses the closed lists', ({ event }) => {
    const made = ecsOf(event, product);
    expect(made['@timestamp']).toBe(new Date(AT).toISOString());
    expect(CATEGORIES).toEqual(expect.arrayContaining([...listAt(made, 'event.category')]));
    expect(TYPES).toEqual(expect.arrayContaining([...listAt(made, 'event.type')]));
    expect(['success', 'failure', 'unknown']).toContain(at(made, 'event.outcome'));
    expect(JSON.stringify(made)).not.toContain(':null');
  });

  it('tells who, what and by which rule', () => {
    expect(ecsOf(firstOf('verdict'), product)).toMatchObject({
      event: { action: 'allowed', outcome: 'success' },
      rule: { id: HOSTILE, ruleset: 'plant.example' },
      source: { ip: '10.0.3.21', mac: '02-42-AC-11-00-05' },
      network: { transport: 'tcp', type: 'ipv4', bytes: 300 },
    });
  });
});

function listAt(value: unknown, path: string): readonly unknown[] {
  const list = at(value, path);
  return Array.isArray(list) ? list : [];
}
