// A policy read twice shares what both texts say alike, and nothing else.

import { expect, it } from 'vitest';
import { parsePolicy } from './parse.ts';
import { reuseParts } from './reuse.ts';

const HEAD = `picket: 1
timezone: UTC
elements:
  cam: { kind: device, address: 10.0.1.2, labels: { role: camera } }
  nvr: { kind: server, address: [10.0.2.2, "fd00::2"] }
services:
  rtsp: { on: nvr, protocol: tcp, port: 554 }
`;
const RULES = `rules:
  stream: { from: role=camera, to: rtsp, limits: { volume: at most 1 GB per hour } }
  watch: { from: cam, to: { on: 10.0.9.0/24, protocol: udp } }
`;

function policyOf(text: string) {
  const { policy, problems } = parsePolicy(text, 'test');
  if (policy === null) throw new Error(problems[0]?.message);
  return policy;
}

it('takes over every list of a text that says the same', () => {
  const before = policyOf(HEAD + RULES);
  const after = reuseParts(before, policyOf(`# a remark\n${HEAD}${RULES}`));
  expect(after.rules).toBe(before.rules);
  expect(after.elements).toBe(before.elements);
  expect(after.services).toBe(before.services);
});

it('takes over what stays around a change, and means what was read', () => {
  const before = policyOf(HEAD + RULES);
  const read = policyOf(HEAD.replace('10.0.1.2', '10.0.1.3') + RULES.replace('1 GB', '2 GB'));
  const after = reuseParts(before, read);
  expect(after).toEqual(read);
  expect(after.elements.map((one, at) => one === before.elements[at])).toEqual([false, true]);
  expect(after.rules.map((one, at) => one === before.rules[at])).toEqual([false, true]);
  expect(after.rules[0]?.to[0]).toBe(before.services[0]);
});

it('takes over no rule whose named service is another now', () => {
  const before = policyOf(HEAD + RULES);
  const after = reuseParts(before, policyOf(HEAD.replace('554', '555') + RULES));
  expect(after.rules.map((one, at) => one === before.rules[at])).toEqual([false, true]);
  expect(after.rules[0]?.to[0]).toBe(after.services[0]);
});
