// Odd and hostile input: who is an element where no end is local or no MAC is shown, scans, ports that do not exist, clocks that run back.

import { describe, expect, it } from 'vitest';
import { AddressTable, DAY, HOUR, PROTOCOL, type Rule, SECOND, TCP } from '#model';
import { MONDAY, type Talk, Teller } from './learn.testing.ts';
import { Learner, type LearnerOptions } from './learner.ts';
import type { Proposal } from './proposal.ts';

const CAM = { from: '10.0.0.5', fromMac: '02:00:00:00:00:05' };
const HUB = { to: '10.0.0.9', toMac: '02:00:00:00:00:09' };

function learn(tell: (teller: Teller) => void, options: Partial<LearnerOptions> = {}): Proposal {
  const addresses = new AddressTable();
  const learner = new Learner({ addresses, timezone: 'UTC', ...options });
  tell(new Teller(addresses, learner));
  return learner.finish();
}

function only({ policy }: Proposal): Rule {
  const [rule, ...others] = policy.rules;
  if (rule === undefined || others.length > 0) throw new Error(`${policy.rules.length} rules`);
  return rule;
}

const idsOf = ({ policy }: Proposal): string[] => policy.elements.map(({ id }) => id);
const talked = (talk: Omit<Talk, 'at'>): Proposal => learn((teller) => teller.talk({ at: MONDAY, ...talk }));

describe('elements', () => {
  it('makes the one end that many strangers share an element, by address', () => {
    const proposal = learn((teller) => {
      for (let host = 1; host <= 20; host++)
        teller.talk({ at: MONDAY + host * SECOND, from: `198.51.100.${host}`, to: '203.0.113.7', port: 443 });
    });
    expect(idsOf(proposal)).toEqual(['host-203-0-113-7']);
    expect(proposal.policy.elements[0]?.macs).toEqual([]);
    expect(proposal.policy.rules).toHaveLength(1);
  });

  it('makes one end of a pair of strangers an element', () => {
    expect(idsOf(talked({ from: '198.51.100.1', to: '203.0.113.7', port: 443 }))).toEqual(['host-203-0-113-7']);
  });

  it('declares MAC and addresses where only the sender shows its MAC', () => {
    const { policy } = learn((teller) => {
      teller.talk({ at: MONDAY, ...CAM, to: HUB.to, port: 53, answers: [] });
      teller.talk({ at: MONDAY, from: HUB.to, fromMac: HUB.toMac, to: CAM.from, port: 161, answers: [] });
    });
    expect(policy.elements.map(({ macs, addresses }) => [macs.length, addresses.length])).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  it('declares the MAC alone where both ends show theirs', () => {
    const { policy } = talked({ ...CAM, ...HUB, port: 53 });
    expect(policy.elements.map(({ macs, addresses }) => [macs.length, addresses.length])).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });

  it('says what was asked for and did not appear', () => {
    const { policy, notes } = learn((teller) => teller.talk({ at: MONDAY, ...CAM, ...HUB, port: 53 }), {
      elements: ['02:00:00:00:00:99', '10.0.0.77', CAM.fromMac],
    });
    expect(policy.elements).toHaveLength(1);
    expect(notes.join()).toContain('asked for, but in no traffic, left out: 02:00:00:00:00:99, 10.0.0.77');
  });
});

describe('services', () => {
  it('names no port for port 0, which the language does not have', () => {
    expect(only(talked({ ...CAM, ...HUB, port: 0 })).to[0]?.ports).toEqual([]);
  });

  it('learns answers without questions as begun by their sender', () => {
    const rule = only(talked({ ...CAM, ...HUB, fromPort: 53, port: 40_001, answers: [] }));
    expect(rule.from).toEqual({ kind: 'element', id: 'device-000005' });
    expect(rule.to[0]?.ports).toEqual([{ from: 40_001, to: 40_001 }]);
  });

  it('takes a remote procedure call from a port below 1,024 for what it is', () => {
    const rule = only(talked({ ...CAM, ...HUB, fromPort: 671, port: 1_048 }));
    expect(rule.to[0]?.ports).toEqual([{ from: 1_048, to: 1_048 }]);
  });

  it('never learns fragments that contradict each other as an operation', () => {
    const more = { operations: ['ip contradiction'] };
    expect(only(talked({ ...CAM, ...HUB, port: 502, more })).limits.operations).toBeNull();
    const both = { operations: ['ip contradiction', 'modbus 1/3'] };
    expect(only(talked({ ...CAM, ...HUB, port: 502, more: both })).limits.operations).toEqual(['modbus 1/3']);
  });

  it('puts a rule without a port after one that names it', () => {
    const { policy } = learn((teller) => {
      for (const port of [0, 0, 53]) teller.talk({ at: MONDAY, ...CAM, ...HUB, port });
    });
    expect(policy.rules.map(({ to }) => to[0]?.ports.length)).toEqual([1, 0]);
  });
});

describe('scans', () => {
  it('makes a scan of all ports a few weak rules', () => {
    const { policy, evidence } = learn((teller) => {
      for (let port = 1; port <= 4_000; port++)
        teller.talk({ at: MONDAY + port * SECOND, ...CAM, ...HUB, protocol: PROTOCOL.tcp, port, answers: [] });
    });
    expect(policy.rules.length).toBeLessThanOrEqual(2);
    expect(evidence.rules.every(({ isWeak, remarks }) => isWeak && remarks.join().includes('scan'))).toBe(true);
  });

  it('makes a thousand hosts that ask one a weak rule, however many MACs they show', () => {
    const { policy, notes } = learn((teller) => {
      for (let host = 0; host < 1_000; host++)
        teller.talk({
          at: MONDAY + host * SECOND,
          from: `10.1.${host >> 8}.${host & 255}`,
          fromMac: `02:00:00:01:${(host >> 8).toString(16).padStart(2, '0')}:${(host & 255).toString(16).padStart(2, '0')}`,
          ...HUB,
          protocol: PROTOCOL.tcp,
          port: 22,
          answers: [],
        });
    });
    expect(policy.elements.length).toBeLessThanOrEqual(512);
    expect(notes.join()).toContain('devices are left out');
    const folded = policy.rules.find(({ from }) => from.kind !== 'element');
    expect(folded).toBeDefined();
  });
});

describe('evidence that is thin', () => {
  it.each([
    { packets: 199, share: 0.5 },
    { packets: 200, share: 0.25 },
    { packets: 999, share: 0.25 },
    { packets: 1_000, share: 0 },
  ])('leaves room beyond the sizes seen while packets are few: $packets', ({ packets, share }) => {
    const proposal = learn((teller) => {
      const sizes = Array.from({ length: packets }, (_, at) => 200 + (at % 2) * 200);
      teller.talk({ ...CAM, at: MONDAY, to: '198.51.100.1', port: 123, sizes, answers: [] });
    });
    expect(only(proposal).limits.sizes).toEqual([
      { min: 200 * (1 - share), max: 400 * (1 + share), direction: 'sent' },
    ]);
  });

  it('opens to the internet what connected before the recording, for a device that uses names', () => {
    const older = (teller: Teller): void => {
      for (let hour = 0; hour < 13; hour++)
        teller.talk({
          ...CAM,
          at: MONDAY + hour * HOUR,
          to: '198.51.100.9',
          protocol: PROTOCOL.tcp,
          port: 8_883,
          fromPort: 50_000,
          more: { tcpFlags: TCP.ack },
        });
    };
    const named = learn((teller) => {
      teller.answer({ at: MONDAY, client: CAM.from, name: 'time.example.com', address: '198.51.100.1' });
      older(teller);
    });
    expect(only(named).to[0]?.on).toEqual({ kind: 'internet' });
    expect(named.evidence.rules[0]?.isWeak).toBe(true);
    expect(only(named).limits.sizes).toEqual([]);
    expect(only(learn(older)).to[0]?.on.kind).toBe('prefix');
  });
});

describe('clocks', () => {
  it.each([
    { name: '1970', at: 0 },
    { name: '2106', at: 4_294_967_295 * SECOND },
    { name: 'before 1970', at: -DAY },
  ])('learns from $name', ({ at }) => {
    const proposal = learn((teller) => teller.talk({ at, ...CAM, ...HUB, port: 53 }));
    expect(proposal.policy.rules).toHaveLength(1);
  });

  it.each([
    { back: HOUR, isNoted: false },
    { back: HOUR + SECOND, isNoted: true },
    { back: 30 * 365 * DAY, isNoted: true },
  ])('says so when time runs back by more than an hour: $back', ({ back, isNoted }) => {
    const { notes } = learn((teller) => {
      teller.talk({ at: MONDAY, ...CAM, ...HUB, port: 53, answers: [] });
      teller.talk({ at: MONDAY - back, ...CAM, ...HUB, port: 53, answers: [] });
    });
    expect(notes.join().includes('back in time')).toBe(isNoted);
  });

  it('leaves out a packet whose time is no number', () => {
    const { policy, evidence } = learn((teller) => {
      teller.talk({ at: Number.NaN, ...CAM, ...HUB, port: 53 });
      teller.talk({ at: MONDAY, ...CAM, ...HUB, port: 53 });
    });
    expect(policy.rules).toHaveLength(1);
    expect(evidence.rules[0]?.packets).toBe(2);
  });
});
