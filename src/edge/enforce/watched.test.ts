// What the kernel is given where an engine watches the rest: nothing else of a policy may change.

import { expect, test } from 'vitest';
import type { Policy } from '#model';
import { parsePolicy } from '#policy';
import { kernelShare, watchedNotes } from './watched.ts';

const policyOf = (to: string, limits: string): Policy => {
  const text = `picket: 1\nrules:\n  r: { from: 10.0.0.1, to: ${to}, limits: ${limits} }\n`;
  const { policy, problems } = parsePolicy(text, 'test.yaml');
  if (policy === null) throw new Error(JSON.stringify(problems));
  return policy;
};

test.each([
  ['{ on: 10.0.0.2, protocol: tcp, port: 443, application: tls }', '{ size: <= 900 B }', false],
  ['{ on: 10.0.0.2, protocol: tcp, port: 22, application: ssh }', '{ rate: 1 Mbit/s }', false],
  ['{ on: 10.0.0.2, protocol: udp, port: 53, application: dns }', '{ size: <= 90 B }', true],
  ['{ on: 10.0.0.2, protocol: tcp, port: 502, application: modbus }', '{ operations: modbus 1/3 }', true],
  ['{ on: 10.0.0.2, protocol: udp, port: 443, application: quic }', '{ volume: <= 1 MB per hour }', true],
])('%s with %s', (to, limits, isWatched) => {
  const policy = policyOf(to, limits);
  const share = kernelShare(policy);
  expect(watchedNotes(policy).length > 0).toBe(isWatched);
  expect(watchedNotes(share)).toEqual([]);
  const [rule] = policy.rules;
  const [held] = share.rules;
  expect(held?.limits).toEqual({ ...rule?.limits, operations: null });
  expect(held?.to.map((service) => ({ ...service, application: null }))).toEqual(
    rule?.to.map((service) => ({ ...service, application: null })),
  );
  expect(held?.to.some(({ application }) => application !== null)).toBe(!isWatched);
});
