// The rest of the door: pages, schema, differences, sentences.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { REASONS } from '#model';
import {
  DOCUMENT_KEYS,
  ELEMENT_KEYS,
  LIMIT_KEYS,
  NEVER_KEYS,
  REQUIRE_KEYS,
  RULE_KEYS,
  SERVICE_KEYS,
} from './fields.ts';
import { codes, diffPolicies, explain, parsePolicy, policySchema, ruleSentence, rulesInWords } from './index.ts';

function policyOf(body: string): NonNullable<ReturnType<typeof parsePolicy>['policy']> {
  const { policy, problems } = parsePolicy(`picket: 1\n${body}`, 'p.yaml');
  if (policy === null) throw new Error(JSON.stringify(problems));
  return policy;
}

describe('explain()', () => {
  it('has a page for every code and every reason', () => {
    for (const code of codes()) expect(explain(code)).toMatch(/^\S+: .+\n\n.+\n[\s\S]*What to do\n/);
    for (const reason of REASONS) expect(codes()).toContain(reason);
  });
  it('has a page for every code that the room can give', () => {
    const room = new URL('.', import.meta.url);
    const files = ['', 'checks/'].flatMap((folder) =>
      readdirSync(new URL(`./${folder}`, room)).map((name) => `${folder}${name}`),
    );
    const sources = files
      .filter((name) => name.endsWith('.ts') && !name.includes('.test'))
      .map((name) => readFileSync(new URL(name, room), 'utf8'));
    const given = new Set(sources.flatMap((source) => source.match(/PICKET-P[0-9]{3}/g) ?? []));
    expect(given.size).toBeGreaterThan(40);
    for (const code of given) expect(codes()).toContain(code);
  });
  it.each(['PICKET-P999', 'nothing', '__proto__', ''])('has none for %j', (code) => expect(explain(code)).toBeNull());
});

describe('policySchema()', () => {
  const schema = JSON.parse(JSON.stringify(policySchema()));
  it.each([
    ['', DOCUMENT_KEYS],
    ['element', ELEMENT_KEYS],
    ['service', SERVICE_KEYS],
    ['limits', LIMIT_KEYS],
    ['rule', RULE_KEYS],
    ['never', NEVER_KEYS],
    ['require', REQUIRE_KEYS],
  ])('has exactly the keys of the parser in %j', (name, keys) => {
    const object = name === '' ? schema : schema.$defs[name];
    expect(Object.keys(object.properties)).toEqual([...keys]);
    expect(object.additionalProperties).toBe(false);
  });
  it('points only at definitions that exist', () => {
    for (const [, name] of JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/(\w+)"/g))
      expect(Object.keys(schema.$defs)).toContain(name);
  });
  it('gives a fresh copy', () => expect(policySchema()).not.toBe(policySchema()));
});

describe('diffPolicies()', () => {
  const rules = (...lines: readonly string[]): string =>
    `elements: { a: { kind: device, address: 10.0.0.1 } }\nservices: { s: { on: a, protocol: tcp, port: 1 } }\nrules:\n${lines.map((line) => `  ${line}\n`).join('')}`;
  const r = (id: string, more = ''): string => `${id}: { from: a, to: s${more} }`;

  it('finds nothing between equals', () =>
    expect(diffPolicies(policyOf(rules(r('x'))), policyOf(rules(r('x'))))).toEqual([]));

  it('tells what was added, removed, changed and moved', () => {
    const changes = diffPolicies(
      policyOf(rules(r('x'), r('y'), r('z'), r('gone'))),
      policyOf(`mode: enforce\n${rules(r('z'), r('x', ', owner: me, mode: audit'), r('y'), r('new'))}`),
    );
    expect(
      changes.map(({ section, id, kind, fields, from, to }) => [section, id, kind, fields.join(), from, to]),
    ).toEqual([
      ['policy', 'mode', 'changed', 'mode', null, null],
      ['elements', 'a', 'changed', 'mode', null, null],
      ['rules', 'gone', 'removed', '', null, null],
      ['rules', 'x', 'changed', 'isAudit,owner', null, null],
      ['rules', 'new', 'added', '', null, null],
      ['rules', 'z', 'moved', '', 3, 1],
    ]);
  });
});

describe('ruleSentence()', () => {
  it('says a rule in English', () => {
    const { rules } = policyOf(
      'services: { s: { on: any, protocol: tcp, port: [80, 90-99], logon: required } }\nrules: { x: { from: any, to: [s, { on: internet }], limits: { volume: <= 2 GB per hour } }, y: { from: 10.0.0.1, to: s, mode: audit, until: 2027-01-01 } }',
    );
    expect(rules.map(ruleSentence)).toEqual([
      'anyone may use s (tcp/80,90-99, logon required) on anything or every service on the internet, with volume <= 2 GB per hour',
      '10.0.0.1 may use s (tcp/80,90-99, logon required) on anything, without limits, until 2027-01-01 (audit: judged and recorded, not held)',
    ]);
  });
});

describe('rulesInWords()', () => {
  it('tells guardrails first, then rules in the order of the document', () => {
    const words = rulesInWords(
      policyOf(
        'elements: { cam: { kind: device, address: 10.0.0.2 } }\nservices: { s: { on: any, protocol: tcp, port: 80 } }\nrules: { z: { from: cam, to: s, mode: audit, owner: it, until: 2027-01-01 }, a: { from: any, to: s, limits: { volume: <= 2 GB per hour } } }\nnever: { home: { from: cam, to: internet, why: privacy } }\nrequire: { day: { from: cam, to: s, hours: Mon-Fri 06:00-22:00 } }',
      ),
    );
    expect(words.map(({ id, kind }) => [id, kind])).toEqual([
      ['home', 'never'],
      ['day', 'require'],
      ['z', 'rule'],
      ['a', 'rule'],
    ]);
    expect(words[0]).toMatchObject({ sentence: 'cam may never use every service on the internet', why: 'privacy' });
    expect(words[1]).toMatchObject({ limits: 'hours Mon-Fri 06:00-22:00' });
    expect(words[1]?.sentence).toBe('cam may use s (tcp/80) on anything only with hours Mon-Fri 06:00-22:00');
    expect(words[2]).toMatchObject({ isAudit: true, owner: 'it', until: '2027-01-02T00:00:00.000Z', limits: null });
    expect(words[3]).toMatchObject({ from: 'any', limits: 'volume <= 2 GB per hour', until: null });
  });
});
