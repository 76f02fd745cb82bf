// Policies as entries: the whole meaning travels, whatever the policy is.

import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Policy } from '#model';
import { type PolicyEntry, parsePolicy, policyEntries, policyOfEntries, printPolicy } from '#policy';
import { deltaOf, digestOf, EntryTable } from '#wire';
import { anyPolicy } from '../../src/core/policy/generate.testing.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

function meaning(policy: Policy | null): unknown {
  const tests = new Map(policy?.tests.map((test) => [test.text, { ...test, line: 0 }]));
  return policy === null ? null : { ...policy, tests: [...tests.values()] };
}

describe('policyEntries()', () => {
  it('holds the whole meaning of a policy', () => {
    const property = fc.property(anyPolicy(), (policy) => {
      const { policy: again, problems } = policyOfEntries(policyEntries(policy));
      expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(meaning(again)).toEqual(meaning(policy));
      if (again !== null)
        expect(meaning(parsePolicy(printPolicy(again, new Map()), 'p.yaml').policy)).toEqual(meaning(policy));
    });
    void fc.assert(property, { numRuns: 30 });
  });

  it.each<[string, PolicyEntry]>([
    ['no JSON', { section: 'rules', id: 'a', json: '{' }],
    ['a list for a rule', { section: 'rules', id: 'a', json: '[]' }],
    ['a field that is none', { section: 'elements', id: 'a', json: '{"kind":"device","__proto__":{"x":1}}' }],
    ['a bad name', { section: 'elements', id: '__proto__', json: '{"kind":"device","address":"10.0.0.1"}' }],
    ['a setting that is none', { section: 'policy', id: 'rules', json: '{"a":{}}' }],
    ['a sentence that is none', { section: 'tests', id: 'open sesame', json: 'true' }],
  ])('are no policy with %s', (_, entry) => {
    const { policy, problems } = policyOfEntries([entry]);
    expect(policy).toBeNull();
    expect(problems[0]?.code).toMatch(/^PICKET-P/);
  });
});

describe('deltaOf()', () => {
  it('makes any policy of any other', () => {
    const property = fc.property(anyPolicy(), anyPolicy(), (a, b) => {
      const [from, to] = [policyEntries(a), policyEntries(b)];
      const table = new EntryTable(from, hash);
      expect(table.apply(deltaOf(from, to))).toHaveProperty('undo');
      expect(table.entries).toEqual(to);
      expect(table.digest).toBe(digestOf(to, hash));
    });
    void fc.assert(property, { numRuns: 40 });
  });
});
