// What is refused because it would be too much for the kernel. Slow: the policies are large.

import { describe, expect, it } from 'vitest';
import { type Parsed, parsePolicy } from '#policy';
import { compileTable } from './compile.ts';
import { numberBook } from './numbers.ts';
import { NETS_MAX, RANGES_MAX } from './table-state.ts';

const NOON = Date.parse('2026-11-24T12:00:00Z') * 1_000;
const HEAD = `picket: 1
timezone: UTC
mode: enforce
elements:
  nvr: { kind: server, address: 10.0.2.2 }
`;

function policyOf(rules: string): NonNullable<Parsed['policy']> {
  const { policy, problems } = parsePolicy(HEAD + rules, 'test');
  if (policy === null) throw new Error(problems[0]?.message);
  return policy;
}

describe('refusals', () => {
  it('more ranges of ports than a scan may be made to search', () => {
    const names = (letter: string): string[] => Array.from({ length: 65 }, (_, at) => `${letter}${at}`);
    const elements = [...names('x'), ...names('y')]
      .map((id, at) => `  ${id}: { kind: device, address: 10.9.0.${at} }\n`)
      .join('');
    const rule = `  r: { from: [${names('x')}], to: { on: [${names('y')}], protocol: udp, port: 1000-2000 } }\n`;
    const made = compileTable(policyOf(`${elements}rules:\n${rule}`), { book: numberBook(), now: NOON });
    expect(65 * 65).toBeGreaterThan(RANGES_MAX);
    expect(made).toMatchObject({ kind: 'refused', problem: { code: 'PICKET-G002' } });
  });

  it('more ranges of addresses than are searched in reason, before any work', () => {
    const rules = Array.from(
      { length: NETS_MAX },
      (_, at) => `  r${at}: { from: 10.${at >> 8}.${at & 255}.0/25, to: { on: nvr, protocol: udp } }\n`,
    );
    const made = compileTable(policyOf(`rules:\n${rules.join('')}`), { book: numberBook(), now: NOON });
    expect(made).toMatchObject({ kind: 'refused', problem: { code: 'PICKET-G002' } });
  });
});
