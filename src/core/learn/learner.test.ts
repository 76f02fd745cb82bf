// The learner on hand-made traffic: what it proposes, and as often what it must not. Real traffic is in test/truth.

import { describe, expect, it } from 'vitest';
import { AddressTable, DAY, HOUR, MINUTE, PROTOCOL, type Rule, SECOND, type Selector, TCP } from '#model';
import { MONDAY, ROUTER_MAC, Teller } from './learn.testing.ts';
import { Learner, type LearnerOptions } from './learner.ts';
import type { Proposal } from './proposal.ts';

const CAM = { from: '10.0.0.9', fromMac: '02:00:00:aa:bb:cc' };
const OTHER = { from: '10.0.0.8', fromMac: '02:00:00:aa:bb:dd' };
const OUT = { toMac: ROUTER_MAC };

function learn(tell: (teller: Teller) => void, options: Partial<LearnerOptions> = {}): Proposal {
  const addresses = new AddressTable();
  const learner = new Learner({ addresses, timezone: 'UTC', ...options });
  tell(new Teller(addresses, learner));
  return learner.finish();
}

function only(proposal: Proposal): Rule {
  const [rule] = proposal.policy.rules;
  if (rule === undefined || proposal.policy.rules.length > 1)
    throw new Error(`${proposal.policy.rules.map(({ id }) => id).join(', ') || 'no rule'}`);
  return rule;
}

function onText(rule: Rule): string[] {
  return rule.to.flatMap(({ on }) => selectorTexts(on));
}

function selectorTexts(selector: Selector): string[] {
  if (selector.kind === 'either') return selector.of.flatMap(selectorTexts);
  if (selector.kind === 'name') return [selector.pattern];
  if (selector.kind === 'element') return [selector.id];
  if (selector.kind === 'prefix')
    return [`${selector.prefix.bytes.slice(12).join('.')}/${selector.prefix.length - 96}`];
  return [selector.kind];
}

/** `count` conversations a day on `days` days. */
function daily(days: number, tell: (at: number, day: number) => void): void {
  for (let day = 0; day < days; day++) tell(MONDAY + day * DAY + 9 * HOUR, day);
}

describe('keys', () => {
  it('names a peer that was asked for by name, though its address changes every day', () => {
    const proposal = learn((teller) =>
      daily(5, (at, day) => {
        teller.answer({ at, client: CAM.from, name: 'API.Example.com', address: `198.51.100.${day}` });
        teller.talk({ ...CAM, ...OUT, at: at + 1, to: `198.51.100.${day}`, protocol: PROTOCOL.tcp, port: 443 });
      }),
    );
    expect(onText(only(proposal))).toEqual(['api.example.com']);
    expect(proposal.evidence.rules[0]?.isWeak).toBe(false);
  });

  it('does not use a name given to another client, nor one that ran out an hour ago', () => {
    const proposal = learn((teller) => {
      teller.answer({ at: MONDAY, client: OTHER.from, name: 'a.example.com', address: '198.51.100.1' });
      teller.answer({ at: MONDAY, client: CAM.from, name: 'b.example.com', address: '198.51.100.2' });
      teller.talk({ ...CAM, ...OUT, at: MONDAY + 1, to: '198.51.100.1', protocol: PROTOCOL.tcp, port: 443 });
      teller.talk({ ...CAM, ...OUT, at: MONDAY + HOUR, to: '198.51.100.2', protocol: PROTOCOL.tcp, port: 443 });
    });
    expect(onText(only(proposal))).toEqual(['198.51.100.1/32', '198.51.100.2/32']);
    expect(proposal.evidence.rules[0]?.isWeak).toBe(true);
  });

  it('uses a name up to the last instant of its hour', () => {
    const proposal = learn((teller) => {
      teller.answer({ at: MONDAY, client: CAM.from, name: 'b.example.com', address: '198.51.100.2' });
      teller.talk({ ...CAM, ...OUT, at: MONDAY + HOUR - 1, to: '198.51.100.2', protocol: PROTOCOL.tcp, port: 443 });
    });
    expect(onText(only(proposal))).toEqual(['b.example.com']);
  });

  it('folds names that change from day to day to a pattern, never above the registered domain', () => {
    const proposal = learn((teller) =>
      daily(6, (at, day) => {
        teller.answer({ at, client: CAM.from, name: `node${day}.eu1.example.co.uk`, address: `198.51.100.${day}` });
        teller.talk({ ...CAM, ...OUT, at: at + 1, to: `198.51.100.${day}`, protocol: PROTOCOL.tcp, port: 443 });
      }),
    );
    expect(onText(only(proposal))).toEqual(['*.example.co.uk']);
  });

  it('opens NTP to the internet when its addresses never come back, and one TCP server to nothing else', () => {
    const ntp = learn((teller) =>
      daily(30, (at, day) => teller.talk({ ...CAM, ...OUT, at, to: `203.${day}.113.1`, port: 123 })),
    );
    expect(onText(only(ntp))).toEqual(['internet']);
    const tcp = learn((teller) =>
      daily(30, (at) => teller.talk({ ...CAM, ...OUT, at, to: '198.51.100.1', protocol: PROTOCOL.tcp, port: 80 })),
    );
    expect(onText(only(tcp))).toEqual(['198.51.100.1/32']);
  });
});

describe('ends', () => {
  it('gives one rule for traffic between two elements, from the one that began', () => {
    const proposal = learn((teller) =>
      teller.talk({ ...CAM, at: MONDAY, to: OTHER.from, toMac: OTHER.fromMac, protocol: PROTOCOL.tcp, port: 502 }),
    );
    const rule = only(proposal);
    expect(rule.id).toBe('device-aabbcc-modbus');
    expect(onText(rule)).toEqual(['device-aabbdd']);
  });

  it("never makes an element of a router's MAC nor of a host on the internet", () => {
    const { policy } = learn((teller) => {
      teller.talk({ ...CAM, ...OUT, at: MONDAY, to: '10.0.0.1', port: 53 });
      teller.talk({ ...CAM, ...OUT, at: MONDAY + 1, to: '198.51.100.1', protocol: PROTOCOL.tcp, port: 443 });
    });
    expect(policy.elements.map(({ id, macs, addresses }) => [id, macs.length, addresses.length])).toEqual([
      ['device-aabbcc', 1, 0],
      ['host-10-0-0-1', 0, 1],
    ]);
  });

  it('learns the asked element only, as initiator and as responder', () => {
    const { policy } = learn(
      (teller) => {
        teller.talk({ ...OTHER, at: MONDAY, to: CAM.from, toMac: CAM.fromMac, protocol: PROTOCOL.tcp, port: 80 });
        teller.talk({ ...CAM, ...OUT, at: MONDAY + 1, to: '10.0.0.1', port: 53 });
        teller.talk({ ...OTHER, ...OUT, at: MONDAY + 2, to: '10.0.0.1', port: 53 });
      },
      { elements: [CAM.fromMac] },
    );
    expect(policy.elements).toHaveLength(1);
    expect(policy.rules.map(({ id }) => id)).toEqual(['device-aabbcc-from-http', 'device-aabbcc-dns']);
  });

  it('takes the DHCP host name as id, and the address-less asking as traffic of that device', () => {
    const { policy } = learn((teller) => {
      teller.hostName({ at: MONDAY, mac: CAM.fromMac, name: 'Front Door_Cam!' });
      const ask = { fromMac: CAM.fromMac, from: '0.0.0.0', to: '255.255.255.255', toMac: 'ff:ff:ff:ff:ff:ff' };
      teller.talk({ ...ask, at: MONDAY + 1, fromPort: 68, port: 67, answers: [] });
    });
    expect(policy.elements.map(({ id }) => id)).toEqual(['front-door_cam']);
    expect(policy.rules.map(({ id }) => id)).toEqual(['front-door_cam-dhcp']);
  });

  it('turns a conversation older than the recording to its service port', () => {
    const proposal = learn((teller) =>
      teller.talk({
        at: MONDAY,
        from: '10.0.0.1',
        fromMac: ROUTER_MAC,
        fromPort: 502,
        to: CAM.from,
        toMac: CAM.fromMac,
        port: 50_123,
        protocol: PROTOCOL.tcp,
        more: { tcpFlags: TCP.ack },
      }),
    );
    expect(only(proposal).to[0]?.ports).toEqual([{ from: 502, to: 502 }]);
  });

  it('leaves unreadable elements out and says so', () => {
    const { policy, notes } = learn(() => undefined, { elements: ['not-a-mac'] });
    expect(policy.elements).toEqual([]);
    expect(notes.join()).toContain('not-a-mac');
  });
});

describe('limits', () => {
  /** `packets` packets on each of `hours` hours, one DNS conversation an hour. */
  function hourly(
    hours: number,
    sizes: (hour: number) => readonly number[],
    options: Partial<LearnerOptions> = {},
  ): Proposal {
    return learn(
      (teller) => {
        for (let hour = 0; hour <= hours; hour++)
          teller.talk({
            ...CAM,
            ...OUT,
            at: MONDAY + hour * HOUR,
            to: '10.0.0.1',
            port: 53,
            sizes: sizes(hour),
            answers: [],
          });
      },
      { elements: [CAM.fromMac], ...options },
    );
  }

  it.each([
    { hours: 18, isLimited: false },
    { hours: 19, isLimited: true },
  ])('bounds sizes from 20 packets on: $hours hours', ({ hours, isLimited }) => {
    const { sizes } = only(hourly(hours, (hour) => [60 + hour])).limits;
    expect(sizes).toEqual(isLimited ? [{ min: 30, max: Math.ceil(1.5 * (60 + hours)), direction: 'sent' }] : []);
  });

  it('gives TCP no size floor', () => {
    const proposal = learn((teller) => {
      for (let at = 0; at < 30; at++)
        teller.talk({
          ...CAM,
          ...OUT,
          at: MONDAY + at * MINUTE,
          to: '198.51.100.1',
          protocol: PROTOCOL.tcp,
          port: 443,
        });
    });
    expect(only(proposal).limits.sizes).toEqual([
      { min: null, max: 150, direction: 'sent' },
      { min: null, max: 300, direction: 'received' },
    ]);
  });

  it('gives no size limits where the input tells no sizes', () => {
    const proposal = learn((teller) => {
      for (let at = 0; at < 30; at++)
        teller.talk({
          ...CAM,
          ...OUT,
          at: MONDAY + at * MINUTE,
          to: '198.51.100.1',
          port: 123,
          more: { packetSize: -1 },
        });
    });
    expect(only(proposal).limits.sizes).toEqual([]);
    expect(proposal.evidence.rules[0]?.remarks.join()).toContain('the input tells none');
  });

  it.each([
    { hours: 5, expected: [] },
    { hours: 6, expected: [10 * 100_000] },
    { hours: 47, expected: [10 * 100_000] },
    { hours: 48, expected: [2 * 100_000] },
  ])('bounds volume from six whole hours on: $hours', ({ hours, expected }) => {
    const { volumes } = only(hourly(hours, () => [100_000])).limits;
    expect(volumes.flatMap(({ maxBytes }) => maxBytes ?? [])).toEqual(expected);
  });

  it('never leaves less room than one burst', () => {
    const [volume] = only(hourly(30, () => [1])).limits.volumes;
    expect(volume?.maxBytes).toBe(66_000);
  });

  it('shows a single burst for review and gives it no room on top', () => {
    const proposal = hourly(50, (hour) => [hour === 3 ? 600_000 : 100_000]);
    expect(only(proposal).limits.volumes[0]?.maxBytes).toBe(600_000);
    expect(proposal.evidence.rules[0]?.remarks.join()).toContain('REVIEW');
    expect(only(hourly(50, (hour) => [hour === 3 ? 500_000 : 100_000])).limits.volumes[0]?.maxBytes).toBe(1_000_000);
  });

  it.each([
    { hours: 47, hasFloor: false, silent: -1 },
    { hours: 48, hasFloor: true, silent: -1 },
    { hours: 60, hasFloor: false, silent: 30 },
  ])(
    'sets a floor only after 48 hours without an empty one: $hours hours, silent in $silent',
    ({ hours, hasFloor, silent }) => {
      const proposal = learn(
        (teller) => {
          for (let hour = 0; hour <= hours; hour++)
            if (hour !== silent)
              teller.talk({ ...CAM, ...OUT, at: MONDAY - MINUTE + hour * HOUR, to: '10.0.0.1', port: 53, answers: [] });
          teller.talk({ ...CAM, ...OUT, at: MONDAY + hours * HOUR, to: '10.0.0.1', port: 53, answers: [] });
        },
        { elements: [CAM.fromMac] },
      );
      expect(only(proposal).limits.volumes.some(({ minBytes }) => minBytes === 50)).toBe(hasFloor);
    },
  );

  it.each([
    { days: 6, spans: null },
    { days: 7, spans: [{ days: 127, fromMinute: 480, toMinute: 660 }] },
  ])('learns hours from seven days on: $days', ({ days, spans }) => {
    const proposal = learn(
      (teller) => daily(days, (at) => teller.talk({ ...CAM, ...OUT, at, to: '10.0.0.1', port: 53 })),
      { elements: [CAM.fromMac] },
    );
    expect(only(proposal).limits.hours?.spans ?? null).toEqual(spans);
  });

  it('learns no hours from traffic at odd times, whose silent hours are chance', () => {
    const proposal = learn(
      (teller) => daily(8, (at, day) => teller.talk({ ...CAM, ...OUT, at: at + day * HOUR, to: '10.0.0.1', port: 53 })),
      { elements: [CAM.fromMac] },
    );
    expect(only(proposal).limits.hours).toBeNull();
  });

  it('learns operations exactly as seen, and an application only when always told', () => {
    const modbus = { ...CAM, at: MONDAY, to: OTHER.from, toMac: OTHER.fromMac, protocol: PROTOCOL.tcp, port: 502 };
    const told = learn((teller) => {
      teller.talk({ ...modbus, more: { operations: ['modbus 1/3'], application: 'modbus' } });
      teller.talk({ ...modbus, at: MONDAY + MINUTE, more: { operations: ['modbus 1/1'], application: 'modbus' } });
    });
    expect(only(told).limits.operations).toEqual(['modbus 1/1', 'modbus 1/3']);
    expect(only(told).to[0]?.application).toBe('modbus');
    const untold = learn((teller) => {
      teller.talk({ ...modbus, more: { application: 'modbus' } });
      teller.talk({ ...modbus, at: MONDAY + MINUTE });
    });
    expect(only(untold).to[0]?.application).toBeNull();
    expect(only(untold).limits.operations).toBeNull();
  });
});

describe('bounds', () => {
  it('proposes at most ten rules for a device that uses forty services', () => {
    const { policy } = learn(
      (teller) => {
        for (let port = 1; port <= 80; port++)
          teller.talk({ ...CAM, ...OUT, at: MONDAY + port * SECOND, to: '198.51.100.1', port: 1 + (port % 40) });
      },
      { elements: [CAM.fromMac] },
    );
    expect(policy.rules.length).toBeLessThanOrEqual(10);
    expect(policy.rules.flatMap(({ to }) => to)).toHaveLength(40);
  });

  it('folds high local ports to one range', () => {
    const proposal = learn((teller) => {
      for (let port = 49_152; port < 49_400; port++)
        teller.talk({
          ...CAM,
          at: MONDAY + port * SECOND,
          to: OTHER.from,
          toMac: OTHER.fromMac,
          port,
          protocol: PROTOCOL.tcp,
        });
    });
    expect(only(proposal).to[0]?.ports).toEqual([{ from: 32_768, to: 65_535 }]);
  });

  it('keeps within its book when one device scans, and says that it folded', () => {
    const { policy, notes } = learn(
      (teller) => {
        for (let host = 0; host < 3_000; host++)
          teller.talk({
            ...CAM,
            ...OUT,
            at: MONDAY + host * SECOND,
            to: `198.51.${host >> 8}.${host & 255}`,
            port: 23,
            protocol: PROTOCOL.tcp,
            answers: [],
          });
      },
      { elements: [CAM.fromMac] },
    );
    expect(policy.rules).toHaveLength(1);
    expect(notes.join()).toContain('folded');
  });

  it('learns nothing outside its span, and nothing from nothing', () => {
    const talk = (teller: Teller): void => teller.talk({ ...CAM, ...OUT, at: MONDAY, to: '10.0.0.1', port: 53 });
    expect(learn(talk, { from: MONDAY + HOUR }).policy.rules).toEqual([]);
    expect(learn(talk, { to: MONDAY }).policy.rules).toEqual([]);
    expect(learn(() => undefined).comments.get('')).toEqual(['learned from nothing: no traffic was seen']);
  });

  it('gives the same proposal for the same traffic', () => {
    const tell = (teller: Teller): void =>
      daily(4, (at, day) => teller.talk({ ...CAM, ...OUT, at, to: `198.51.100.${day}`, port: 123 }));
    expect(learn(tell)).toEqual(learn(tell));
  });
});

describe('set-up', () => {
  const settings = (teller: Teller): void => {
    const ask = { fromMac: CAM.fromMac, from: '0.0.0.0', to: '255.255.255.255', toMac: 'ff:ff:ff:ff:ff:ff' };
    teller.talk({ ...ask, at: MONDAY, fromPort: 68, port: 67, answers: [] });
    teller.talk({ ...CAM, ...OUT, at: MONDAY + MINUTE, to: '198.51.100.7', port: 5_222, protocol: PROTOCOL.tcp });
    daily(4, (at) => teller.talk({ ...CAM, ...OUT, at, to: '198.51.100.1', port: 443, protocol: PROTOCOL.tcp }));
  };

  it.each([
    { setup: 'mark', has: true, isWeak: true },
    { setup: 'exclude', has: false, isWeak: false },
    { setup: 'keep', has: true, isWeak: false },
  ] as const)('$setup: what was seen only then', ({ setup, has, isWeak }) => {
    const { policy, evidence } = learn(settings, { setup });
    const id = 'device-aabbcc-tcp-5222';
    expect(policy.rules.some((rule) => rule.id === id)).toBe(has);
    const remarks = evidence.rules.find((rule) => rule.id === id)?.remarks.join() ?? '';
    expect(remarks.includes('set-up')).toBe(isWeak);
    expect(policy.rules.some((rule) => rule.id === 'device-aabbcc-https')).toBe(true);
  });
});
