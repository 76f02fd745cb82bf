// The warning of rules that let in everybody but some: told where nobody wrote that everybody is meant, and nowhere else.

import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../parse.ts';

const ELEMENTS =
  'picket: 1\nelements: { cam: { kind: device, address: 10.0.0.1, labels: { role: camera } }, nvr: { kind: server, address: 10.0.0.2 } }\n';

function warned(text: string): boolean {
  const { policy, problems } = parsePolicy(ELEMENTS + text, 'p.yaml');
  expect(policy).not.toBeNull();
  return problems.some(({ code, severity }) => code === 'PICKET-P055' && severity === 'warning');
}

const from = (selector: string): string =>
  `rules: { r: { from: "${selector}", to: { on: nvr, protocol: tcp, port: 22 } } }`;
const on = (selector: string): string =>
  `rules: { r: { from: cam, to: { on: "${selector}", protocol: tcp, port: 22 } } }`;

describe('everybody but these', () => {
  it.each([
    ['from: a label left out', from('role!=camera')],
    ['from: an element left out', from('!cam')],
    ['from: two left out', from('!cam & !nvr')],
    ['from: one named, or everybody but another', from('cam | !nvr')],
    ['from: an address left out', from('!10.0.0.0/8')],
    ['to: a label left out', on('role!=camera')],
    [
      'a service of its own',
      'services: { s: { on: "!cam", protocol: tcp, port: 22 } }\nrules: { r: { from: cam, to: s } }',
    ],
  ])('is warned of: %s', (_, text) => {
    expect(warned(text)).toBe(true);
  });

  it.each([
    ['who is meant is said', from('kind=device & role!=camera')],
    ['an address block is said', from('10.0.0.0/8 & role!=camera')],
    ['the internet is left out', from('!internet')],
    ['the internet is left out as well', from('role!=camera & !internet')],
    ['everybody is said', from('any & role!=camera')],
    ['twice not', from('!(!cam)')],
    ['a guardrail denies the more', 'never: { n: { from: "role!=camera", to: nvr } }'],
    ['a guardrail requires the more', 'require: { n: { from: "role!=camera", to: nvr, hours: Mon-Fri 08:00-18:00 } }'],
  ])('is not warned of where %s', (_, text) => {
    expect(warned(text)).toBe(false);
  });
});
