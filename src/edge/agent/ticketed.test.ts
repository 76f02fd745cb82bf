// What tickets opened, by packets: one connection each, both ways, as long as it lives, and nothing else that is denied.

import { describe, expect, it } from 'vitest';
import { Engine } from '#engine';
import { AddressTable, newVerdict, type Observation, reasonsOf, SECOND, TCP, type Verdict } from '#model';
import { policyOf, syn } from './agent.testing.ts';
import { Ticketed } from './ticketed.ts';

const POLICY = policyOf(`
mode: enforce
elements:
  alice: { kind: human, address: 10.0.0.2 }
  nvr: { kind: server, address: 10.0.0.1 }
services:
  desk: { on: nvr, protocol: tcp, port: 3389, logon: required }
rules:
  ops: { from: alice, to: desk }
`);
const START = 1_800_000_000 * SECOND;

function judging() {
  const addresses = new AddressTable();
  const engine = new Engine({ policy: POLICY, addresses, start: START });
  const ticketed = new Ticketed();
  const judge = (packet: Observation): Verdict => {
    const verdict = newVerdict();
    engine.judge(packet, verdict);
    ticketed.judge(packet, verdict, POLICY);
    return verdict;
  };
  const give = (more: object = {}) =>
    ticketed.give({
      from: 'alice',
      service: 'desk',
      opensUntil: START + 60 * SECOND,
      endsAt: START + 600 * SECOND,
      ...more,
    });
  const open = (at: number, sourcePort = 40_000): Observation => ({
    ...syn(addresses, { from: '10.0.0.2', to: '10.0.0.1', port: 3389, at: START + at * SECOND }),
    sourcePort,
  });
  const back = (at: number): Observation => {
    const one = open(at);
    const { source, destination, sourcePort, destinationPort } = one;
    return {
      ...one,
      source: destination,
      destination: source,
      sourcePort: destinationPort,
      destinationPort: sourcePort,
      tcpFlags: TCP.syn | TCP.ack,
    };
  };
  return { judge, give, open, back, ticketed };
}

describe('a ticket', () => {
  it.each(['desk', 'ops'])('for "%s" opens one connection, which is permitted both ways', (service) => {
    const { judge, give, open, back } = judging();
    expect(reasonsOf(judge(open(0)).reasons)).toEqual(['not-logged-on']);
    give({ service });
    expect(judge(open(1))).toMatchObject({ reasons: 0, isEnforced: false, isOpening: true, isFromInitiator: true });
    expect(judge(back(2))).toMatchObject({ reasons: 0, isOpening: false, isFromInitiator: false });
    expect(judge({ ...open(3), tcpFlags: TCP.ack })).toMatchObject({ reasons: 0, isFromInitiator: true });
    expect(reasonsOf(judge(open(4, 40_001)).reasons)).toEqual(['not-logged-on']);
  });

  it.each([
    ['of another element', { from: 'nvr' }],
    ['for another service', { service: 'other' }],
    ['whose time is over', { opensUntil: START + SECOND }],
  ])('%s opens nothing', (_, more) => {
    const { judge, give, open } = judging();
    give(more);
    expect(reasonsOf(judge(open(1)).reasons)).toEqual(['not-logged-on']);
  });

  it('may be redeemed until the last instant of its time', () => {
    const { judge, give, open } = judging();
    give({ opensUntil: START + SECOND + 1 });
    expect(judge(open(1)).reasons).toBe(0);
  });

  it('keeps nothing open that has ended, by its time or by the kernel', () => {
    const { judge, give, open, ticketed } = judging();
    give({ endsAt: START + 10 * SECOND });
    expect(judge(open(1)).reasons).toBe(0);
    expect(judge(open(9)).reasons).toBe(0);
    expect(judge(open(10)).reasons).not.toBe(0);
    give();
    const one = open(11);
    expect(judge(one).reasons).toBe(0);
    ticketed.ended({
      initiator: one.source,
      responder: one.destination,
      initiatorPort: one.sourcePort,
      responderPort: one.destinationPort,
      protocol: one.protocol,
    });
    expect(judge(open(12)).reasons).not.toBe(0);
  });
});
