// The compiler's invariants: what changes a number and what does not, what is refused, and what a difference may never hold.

import { describe, expect, it } from 'vitest';
import { HOUR } from '#model';
import { type Parsed, parsePolicy } from '#policy';
import { compileTable } from './compile.ts';
import type { Compiled } from './compile-types.ts';
import { numberBook } from './numbers.ts';
import { applyLine, contentCommands, differenceCommands, installLine, tableFile, tableText } from './transaction.ts';

const NOON = Date.parse('2026-11-24T12:00:00Z') * 1_000;
const HEAD = `picket: 1
timezone: UTC
mode: enforce
elements:
  cam: { kind: device, address: 10.0.1.2, labels: { role: camera } }
  cam2: { kind: device, address: 10.0.1.3, labels: { role: camera } }
  nvr: { kind: server, address: 10.0.2.2 }
`;
const A = '  a: { from: cam, to: { on: nvr, protocol: udp, port: 5000 } }\n';
const B = '  b: { from: cam2, to: { on: nvr, protocol: udp, port: 6000 } }\n';

type Made = Extract<Compiled, { kind: 'compiled' }>;

function policyOf(rules: string): NonNullable<Parsed['policy']> {
  const { policy, problems } = parsePolicy(HEAD + rules, 'test');
  if (policy === null) throw new Error(problems[0]?.message);
  return policy;
}

function compiler(): (rules: string, now?: number, quarantined?: ReadonlySet<string>) => Made {
  const book = numberBook();
  return (rules, now = NOON, quarantined = new Set()) => {
    const made = compileTable(policyOf(rules), { book, now, quarantined });
    if (made.kind === 'refused') throw new Error(made.problem.message);
    return made;
  };
}

function marksOf(made: Made, rule: string): readonly number[] {
  return [...made.ruleOfMark].flatMap(([mark, id]) => (id === rule ? [mark] : []));
}

describe('marks', () => {
  const cases: readonly (readonly [what: string, before: string, after: string, isKept: boolean])[] = [
    ['another rule is added', A, A + B, true],
    ['a limit of every packet changes', A, A.replace('} }', '}, limits: { size: <= 500 B } }'), true],
    ['its port changes', A, A.replace('5000', '5001'), false],
    ['its end changes', A, A.replace('from: cam,', 'from: role=camera,'), false],
    [
      'a rule before it takes part of it',
      A,
      `  first: { from: role=camera, to: { on: nvr, protocol: udp, port: 5000 } }\n${A}`,
      false,
    ],
  ];
  it.each(cases)('when %s', (_what, before, after, isKept) => {
    const compile = compiler();
    const old = marksOf(compile(`rules:\n${before}`), 'a');
    const fresh = marksOf(compile(`rules:\n${after}`), 'a');
    expect(fresh.some((mark) => old.includes(mark))).toBe(
      isKept && fresh.length > 0 && JSON.stringify(old) === JSON.stringify(fresh),
    );
    expect(JSON.stringify(old) === JSON.stringify(fresh)).toBe(isKept);
  });

  it('change with a guardrail and with a quarantine, so that live flows are looked up again', () => {
    const compile = compiler();
    const [before] = marksOf(compile(`rules:\n${A}${B}`), 'a');
    const quarantined = compile(`rules:\n${A}${B}`, NOON, new Set(['cam']));
    expect(marksOf(quarantined, 'a')).toEqual([]);
    expect(marksOf(compile(`rules:\n${A}${B}`), 'a')).not.toEqual([before]);
    expect(marksOf(compile(`rules:\n${A}${B}never:\n  n: { from: cam, to: { on: nvr } }\n`), 'a')).toEqual([]);
  });
});

describe('differences', () => {
  it('are empty for the same content', () => {
    const compile = compiler();
    const before = compile(`rules:\n${A}`).content;
    expect(differenceCommands({ before, after: compile(`rules:\n${A}`).content }, NOON)).toEqual([]);
  });

  it('never delete or flush a chain with a hook, a set or the table', () => {
    const compile = compiler();
    const limits = ', limits: { lifetime: 1 h, hours: Mon-Fri 08:00-18:00, volume: <= 1 MB per hour, rate: 1 MB/s } }';
    const contents = ['', A, A + B, A.replace('} }', `}${limits}`), B].map(
      (rules) => compile(rules === '' ? '' : `rules:\n${rules}`).content,
    );
    for (const before of contents)
      for (const after of contents)
        for (const { nft } of differenceCommands({ before, after }, NOON))
          expect(nft).toMatch(
            /^(add|delete) (element|quota|limit) inet picket |^(flush chain|add rule) inet picket born_in/,
          );
  });

  it('add what may have run out before they delete it', () => {
    const compile = compiler();
    const timed = A.replace('} }', '}, limits: { hours: Mon-Fri 08:00-18:00 } }');
    const before = compile(`rules:\n${timed}`).content;
    const after = compile(`rules:\n${A}`).content;
    const open = differenceCommands({ before, after }, NOON).filter(({ nft }) => nft.includes(' open '));
    expect(open.map(({ nft }) => nft.split(' ')[0])).toEqual(['add', 'delete']);
  });

  it('make what has a timeout again after the clock was set, and nothing else', () => {
    const compile = compiler();
    const rules = `rules:\n${A.replace('} }', '}, limits: { hours: Mon-Fri 08:00-18:00 } }')}${B}`;
    const before = compile(rules).content;
    const after = compile(rules, NOON - HOUR).content;
    expect(differenceCommands({ before, after }, NOON - HOUR)).toEqual([]);
    const commands = differenceCommands({ before, after, isClockSet: true }, NOON - HOUR).map(({ nft }) => nft);
    expect(commands.map((line) => line.split(' ').slice(0, 5).join(' '))).toEqual([
      'add element inet picket open',
      'delete element inet picket open',
      'add element inet picket open',
    ]);
    expect(commands[2]).toContain(`timeout ${7 * 3_600}s0ms`);
  });

  it('put a new quota in place when its window rolls, and wake for it in time', () => {
    const compile = compiler();
    const rules = `rules:\n${A.replace('} }', '}, limits: { volume: <= 1 MB per hour } }')}`;
    const before = compile(rules).content;
    expect(before.nextChange).toBe(NOON + HOUR);
    const commands = differenceCommands({ before, after: compile(rules, NOON + HOUR).content }, NOON + HOUR).map(
      ({ nft }) => nft,
    );
    expect(commands.filter((line) => line.includes(' quota ')).map((line) => line.split(' ')[0])).toEqual([
      'add',
      'delete',
    ]);
  });

  it('open nothing that would end at once', () => {
    const compile = compiler();
    const rules = `rules:\n${A.replace('} }', '}, limits: { hours: Mon-Fri 08:00-12:00 } }')}`;
    expect(tableFile(compile(rules, NOON - 1_000).content, NOON - 1_000)).not.toContain('picket open');
    expect(tableFile(compile(rules, NOON - 1_000_000).content, NOON - 1_000_000)).toContain('picket open');
    expect(tableFile(compile(rules, NOON).content, NOON)).not.toContain('picket open');
  });
});

describe('the printed table', () => {
  it('is one line where one transaction is asked for', () => {
    const { content } = compiler()(`rules:\n${A}`);
    const state = { generation: 1, nextMark: 17 };
    expect(installLine(content, state, NOON)).not.toContain('\n');
    expect(applyLine(contentCommands(content, NOON), state)).not.toContain('\n');
  });

  it('has no owner flag, no clock of nft and no concatenation of more than five fields', () => {
    const { nft } = tableText([60]);
    expect(nft).not.toMatch(/\bowner\b|meta (hour|day|time)\b/);
    for (const [, fields = ''] of nft.matchAll(/type(?:of)? ([^;]*);/g))
      expect(fields.split(' : ')[0]?.split(' . ').length ?? 0).toBeLessThanOrEqual(5);
  });

  it('clears the word before every lookup into it, or goes on only where it was found', () => {
    const rules = tableText([])
      .nft.split('\n')
      .map((line) => line.trim());
    for (const [at, rule] of rules.entries())
      if (/^meta mark set ct mark map @\w+$/.test(rule)) expect(rules[at - 1]).toBe('meta mark set 0x00000000');
  });

  it('asks sets with counts or limits once, or in the negated form', () => {
    const { nft } = tableText([]);
    expect(nft.match(/(?<!!= )@conncount/g)).toHaveLength(4);
    expect(nft).not.toMatch(/(?<!update|add|!=) @(told[46]|denied[46]|portless[46]|born)\b/);
  });
});
