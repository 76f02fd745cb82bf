// Printing and formatting: the way back from a policy to its text.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Policy } from '#model';
import { formatPolicy } from './format.ts';
import { frameProblems } from './frame.ts';
import { anyPolicy } from './generate.testing.ts';
import { parsePolicy } from './parse.ts';
import { printPolicy } from './print.ts';

/** A failing run prints its seed. */
function forAll(holds: (policy: Policy) => void): void {
  const property = fc.property(anyPolicy(), holds);
  void fc.assert(property, { numRuns: 60 });
}

function withoutLines(policy: Policy | null): Policy | null {
  return policy === null ? null : { ...policy, tests: policy.tests.map((test) => ({ ...test, line: 0 })) };
}

describe('printPolicy()', () => {
  it('writes a text that parses to the same policy', () => {
    forAll((policy) => {
      const text = printPolicy(policy, new Map());
      const { policy: again, problems } = parsePolicy(text, 'p.yaml');
      if (again === null)
        throw new Error(
          `${text}\n${frameProblems(
            problems.filter(({ severity }) => severity === 'error'),
            text,
          )}`,
        );
      expect(withoutLines(again)).toEqual(policy);
    });
  });

  it('puts comments above their entries, and those of unknown paths above the nearest parent', () => {
    const { policy } = parsePolicy('picket: 1\nelements: { a: { kind: device, address: 10.0.0.1 } }\n', 'p.yaml');
    if (policy === null) throw new Error('the policy must parse');
    const text = printPolicy(
      policy,
      new Map([
        ['', ['learned', '']],
        ['elements.a', ['seen daily\nfor a week']],
        ['elements.a.nothing', ['deep']],
      ]),
    );
    expect(text).toBe(
      '# learned\n#\npicket: 1\ntimezone: UTC\nmode: observe\n\nelements:\n  # seen daily\n  # for a week\n  # deep\n  a: { kind: device, address: 10.0.0.1 }\n',
    );
  });
});

describe('formatPolicy()', () => {
  it('is idempotent and keeps the meaning of any policy', () => {
    forAll((policy) => {
      const text = printPolicy(
        policy,
        new Map([
          ['elements.element-0.kind', ['inside']],
          ['rules', ['all of them']],
        ]),
      );
      const once = formatPolicy(text, 'p.yaml').text;
      expect(once).toBe(text);
      expect(formatPolicy(once ?? '', 'p.yaml').text).toBe(once);
    });
  });

  it('keeps every comment, wherever it stands', () => {
    const source = [
      '# top',
      'mode: observe # behind mode',
      'picket: 1',
      'elements: # behind elements',
      '  # above a',
      '  a: { # behind a',
      '    kind: device, # behind kind',
      '    address: [10.0.0.1, # first',
      '      10.0.0.2]',
      '  }',
      'rules: {}',
      '# tail',
      '',
    ].join('\n');
    const { text } = formatPolicy(source, 'p.yaml');
    for (const comment of [
      'top',
      'behind mode',
      'behind elements',
      'above a',
      'behind a',
      'behind kind',
      'first',
      'tail',
    ])
      expect(text).toContain(`# ${comment}`);
    expect(formatPolicy(text ?? '', 'p.yaml').text).toBe(text);
  });

  it('keeps JSON as JSON, comments included', () => {
    const source =
      '{ // top\n\t"picket": 1, /* version */\n\t/* two\n\t   lines */\n\t"elements": {"a": {"kind":"device","address":"10.0.0.1"}} // see http://x\n}\n';
    const { text, problems } = formatPolicy(source, 'p.json');
    expect(problems).toEqual([]);
    expect(text).toBe(
      '{\n  // top\n  "picket": 1, // version\n  "timezone": "UTC",\n  "mode": "observe",\n\n  // two\n  // lines\n  // see http://x\n  "elements": {\n    "a": { "kind": "device", "address": "10.0.0.1" }\n  }\n}\n',
    );
    expect(formatPolicy(text ?? '', 'p.json').text).toBe(text);
  });

  it('lays out nothing that has an error', () => {
    expect(formatPolicy('picket: 1\nelement: {}\n', 'p.yaml')).toMatchObject({
      text: null,
      problems: [{ code: 'PICKET-P003' }],
    });
  });
});
