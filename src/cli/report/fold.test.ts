// Folding keeps every packet and never mixes what was denied with what passed.

import { expect, test } from 'vitest';
import type { Link } from './data.ts';
import { foldDenied, foldLinks } from './fold.ts';

const link = (service: string, denied: number): Link => ({
  from: 'a',
  to: 'b',
  service,
  rule: null,
  packets: 2,
  bytes: 80,
  denied,
  recorded: 0,
});
const ports = (count: number): string[] => Array.from({ length: count }, (_, at) => `tcp/${at + 1}`);

test.each([
  ['three services stay three lines', 3, 3],
  ['four become one', 4, 1],
  ['fifty become one', 50, 1],
])('foldLinks(): %s', (_, services, lines) => {
  const folded = foldLinks(ports(services).map((service) => link(service, 2)));
  expect(folded).toHaveLength(lines);
  expect(folded.reduce((sum, { packets, denied }) => sum + packets + denied, 0)).toBe(services * 4);
});

test('foldLinks() keeps permitted lines apart from denied ones', () => {
  const folded = foldLinks([
    ...ports(9).map((service) => link(service, 2)),
    ...ports(9).map((service) => link(service, 0)),
  ]);
  expect(folded.map(({ denied }) => denied)).toEqual([18, 0]);
  expect(folded[0]?.service).toBe('9 services: tcp/1, tcp/2, tcp/3, …');
});

test('foldDenied() joins rows that differ in the service only', () => {
  const row = (service: string, reason: string) => ({
    at: 1,
    from: 'a',
    to: 'b',
    service,
    rule: null,
    reasons: [reason],
    why: '',
    packets: 3,
    isEnforced: true,
  });
  const folded = foldDenied([row('tcp/22', 'no-rule'), row('tcp/23', 'no-rule'), row('tcp/22', 'guardrail')]);
  expect(folded.map(({ service, packets, reasons }) => [service, packets, ...reasons])).toEqual([
    ['2 services: tcp/22, tcp/23', 6, 'no-rule'],
    ['tcp/22', 3, 'guardrail'],
  ]);
});
