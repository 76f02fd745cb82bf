// The live monitor fed by hand: what is counted, recorded, told to the detectors, and what is asked to be cut.

import { beforeEach, describe, expect, it } from 'vitest';
import {
  type AddressId,
  AddressTable,
  MINUTE,
  type NameFact,
  type Observation,
  type Policy,
  PROTOCOL,
  SECOND,
  TCP,
} from '#model';
import type { FlowEvent, VerdictRecord } from '#observe';
import { policyOf, syn } from './agent.testing.ts';
import { flowView } from './flow-book.ts';
import { Monitor } from './monitor.ts';
import { verdictView } from './verdict-book.ts';

const START = 1_800_000_000 * SECOND;
const POLICY = policyOf(`
elements:
  plc: { kind: device, address: 10.0.0.1, mode: enforce }
  hmi: { kind: device, address: 10.0.0.2 }
services:
  modbus: { on: plc, protocol: tcp, port: 502, application: modbus }
rules:
  read: { from: hmi, to: modbus, limits: { operations: modbus read } }
`);

let addresses: AddressTable;
let cuts: Observation[];
let names: string[];

function monitorOf(policy: Policy): Monitor {
  return new Monitor({
    policy,
    addresses,
    start: START,
    timezone: 'UTC',
    elapsed: () => 0,
    ofMark: (mark) => (mark === 17 ? { rule: 'read', isHeld: false } : null),
    onWrongOperation: (packet) => {
      cuts.push({ ...packet });
      return 'session cut';
    },
    onName: ({ name }) => names.push(name),
    ownMacs: new Set(),
  });
}

beforeEach(() => {
  addresses = new AddressTable();
  cuts = [];
  names = [];
});

const id = (text: string): AddressId => addresses.intern(text);
const opening = (from: string, port = 502, at = START + SECOND): Observation =>
  syn(addresses, { from, to: '10.0.0.1', port, at });
const data = (operations: readonly string[]): Observation => ({
  ...opening('10.0.0.2'),
  at: START + 2 * SECOND,
  tcpFlags: TCP.ack | TCP.psh,
  application: 'modbus',
  operations,
});

const EVENT: FlowEvent = {
  kind: 'began',
  at: START + SECOND,
  id: 1,
  protocol: PROTOCOL.tcp,
  initiator: 0,
  responder: 0,
  initiatorPort: 40_000,
  responderPort: 502,
  isTranslated: false,
  mark: 17,
  tcpState: 'established',
  isAnswered: true,
  packetsOut: 3,
  bytesOut: 300,
  packetsBack: 2,
  bytesBack: 200,
  lastedSeconds: -1,
};
const flow = (more: Partial<FlowEvent> = {}): FlowEvent => ({
  ...EVENT,
  initiator: id('10.0.0.2'),
  responder: id('10.0.0.1'),
  ...more,
});

describe('flows', () => {
  it('are one row, whether the packet or the kernel comes first', () => {
    const monitor = monitorOf(POLICY);
    monitor.observe(opening('10.0.0.2'));
    monitor.flow(flow());
    monitor.flow(flow({ kind: 'ended', at: START + 3 * SECOND, packetsOut: 9, bytesOut: 900 }));
    const other = monitorOf(POLICY);
    other.flow(flow());
    other.observe(opening('10.0.0.2'));
    other.flow(flow({ kind: 'ended', at: START + 3 * SECOND, packetsOut: 9, bytesOut: 900 }));
    for (const { flows, ends } of [monitor, other]) {
      expect(flows.ring.latest().map((row) => flowView(row, ends))).toEqual([
        expect.objectContaining({
          verdict: 'permit',
          rule: 'read',
          packetsSent: 9,
          bytesSent: 900,
          bytesReceived: 200,
        }),
      ]);
      expect([flows.seen, flows.openCount]).toEqual([1, 0]);
    }
  });

  it('are counted and not written beyond a thousand a second', () => {
    const monitor = monitorOf(POLICY);
    for (let port = 0; port < 1_001; port++) monitor.observe(opening('10.0.0.2', port, START + SECOND));
    monitor.observe(opening('10.0.0.2', 5_000, START + 2 * SECOND));
    expect(monitor.flows.seen).toBe(1_002);
    expect(monitor.flows.ring.total).toBe(1_001);
  });

  it('make services when they are answered, and none of a reset', () => {
    const monitor = monitorOf(POLICY);
    monitor.flow(flow({ id: 2, responderPort: 81, tcpState: 'closed' }));
    monitor.flow(flow({ id: 3, responderPort: 82, isAnswered: false, tcpState: 'syn-sent' }));
    monitor.flow(flow());
    monitor.flow(flow({ kind: 'progressed' }));
    expect(monitor.services.services).toEqual([expect.objectContaining({ element: 'plc', port: 502, connections: 1 })]);
  });
});

describe('verdicts', () => {
  it('of openings are held where an end enforces', () => {
    const monitor = monitorOf(POLICY);
    monitor.observe(opening('10.0.0.9'));
    const rows = monitor.verdicts.ring.latest().map((row) => verdictView(row, monitor.ends));
    expect(rows).toEqual([
      expect.objectContaining({
        by: 'engine',
        isEnforced: true,
        action: null,
        reasons: ['unknown-element', 'no-rule'],
      }),
    ]);
    expect(monitor.verdicts.counts).toEqual([{ by: 'engine', reason: 'unknown-element', isEnforced: true, count: 1 }]);
  });

  it('of a wrong operation ask for the session to be cut; of a right one do not', () => {
    const monitor = monitorOf(POLICY);
    monitor.observe(opening('10.0.0.2'));
    monitor.observe(data(['modbus 1/3']));
    expect(cuts).toEqual([]);
    monitor.observe(data(['modbus 1/6']));
    expect(cuts).toHaveLength(1);
    expect(monitor.verdicts.ring.latest()[0]).toMatchObject({
      reasons: ['wrong-operation'],
      action: 'session cut',
      rule: 'read',
    });
  });

  it.each([
    ['a rule’s flow, recorded', 0x4000_0011, { reasons: ['over-volume'], rule: 'read', isEnforced: false }],
    ['a place in the policy', 0x1800_0001, { reasons: ['no-rule'], rule: 'read', isEnforced: true }],
    ['nobody’s flow', 0x1800_0000, { reasons: ['no-rule'], rule: null, isEnforced: true }],
    ['what the kernel cannot hold', 0xd800_0000, { reasons: ['no-rule'], rule: null, isEnforced: true }],
  ])('of the kernel: %s', (_, mark, expected) => {
    const monitor = monitorOf(POLICY);
    monitor.verdict(record(mark));
    expect(monitor.verdicts.ring.latest()).toEqual([expect.objectContaining({ by: 'kernel', ...expected })]);
  });

  it('of a port are no verdicts', () => {
    const monitor = monitorOf(POLICY);
    monitor.verdict(record(0xe000_0001));
    expect(monitor.verdicts.ring.total).toBe(0);
  });
});

const record = (mark: number): VerdictRecord => ({
  at: START + SECOND,
  mark,
  prefix: 'picket',
  inInterface: 'eth0',
  outInterface: '',
  sourceMac: -1,
  source: id('10.0.0.2'),
  destination: id('10.0.0.1'),
  protocol: PROTOCOL.tcp,
  sourcePort: 40_000,
  destinationPort: 502,
  tcpFlags: TCP.syn,
  bytes: 60,
});

describe('answers of DNS', () => {
  const answer = (client: string, server: string): NameFact => ({
    kind: 'dns-answer',
    at: START,
    client: id(client),
    server: id(server),
    clientMac: -1,
    port: 53,
    name: 'api.example.com',
    value: '203.0.113.5',
    address: id('203.0.113.5'),
    ttlSeconds: 60,
  });
  const datagram = (from: string, to: string, ports: readonly [number, number]): Observation => ({
    ...syn(addresses, { from, to, port: ports[1], at: START }),
    sourcePort: ports[0],
    protocol: PROTOCOL.udp,
    tcpFlags: -1,
  });

  it('are handed on where the kernel passed them, and what binds nothing not', () => {
    const monitor = monitorOf(POLICY);
    const fact = answer('10.0.0.2', '10.0.0.53');
    monitor.answer({ ...fact, name: 'unbound.example.com', address: -1 });
    monitor.name({ ...fact, kind: 'dns-query', name: 'asked.example.com' });
    expect(names).toEqual([]);
    monitor.answer(fact);
    expect(names).toEqual(['api.example.com']);
    expect(monitor.ends.nameOf(id('203.0.113.5'))).toBe('api.example.com');
  });

  it('bind nothing where they were merely seen', () => {
    const monitor = monitorOf(POLICY);
    monitor.observe(datagram('10.0.0.1', '198.51.100.9', [40_000, 53]));
    monitor.name(answer('10.0.0.1', '198.51.100.9'));
    monitor.observe(datagram('198.51.100.9', '10.0.0.1', [53, 40_000]));
    monitor.observe(datagram('10.0.0.53', '10.0.0.2', [53, 40_000]));
    expect(names).toEqual([]);
    expect(monitor.ends.nameOf(id('203.0.113.5'))).toBeNull();
  });
});

describe('newcomers', () => {
  const neighbour = (mac: number, address: string, hostName = '') => ({
    at: START,
    origin: 'dhcp' as const,
    mac,
    address: id(address),
    interface: 'lan0',
    hostName,
    vendorClass: '',
  });

  it('are those who are no element, with what they call themselves', () => {
    const monitor = monitorOf(POLICY);
    monitor.neighbour(neighbour(5, '10.0.0.2'));
    monitor.neighbour(neighbour(6, '10.0.0.77', 'Cam\u001b[31m Lobby'));
    expect(monitor.inbox.views(new Set(['plc']))).toEqual([
      expect.objectContaining({ mac: '00:00:00:00:00:06', addresses: ['10.0.0.77'], proposedName: 'cam-31m-lobby' }),
    ]);
  });

  it('leave the inbox when the policy knows them', () => {
    const monitor = monitorOf(POLICY);
    monitor.neighbour(neighbour(6, '10.0.0.77'));
    monitor.apply(policyOf('elements: { cam: { kind: device, mac: "00:00:00:00:00:06" } }'), START + SECOND);
    expect(monitor.inbox.views(new Set())).toEqual([]);
    expect(monitor.macs.takeChanged()).toEqual(new Map([[6, ['10.0.0.77']]]));
    expect(monitor.macs.takeChanged()).toBeNull();
  });

  it('are bounded: the first 4,096 stay', () => {
    const monitor = monitorOf(POLICY);
    for (let mac = 1; mac <= 5_000; mac++) monitor.neighbour(neighbour(mac, `10.1.${mac >> 8}.${mac & 255}`));
    expect(monitor.inbox.views(new Set()).length).toBeLessThanOrEqual(4_096);
    expect(monitor.inbox.unlisted).toBeGreaterThan(0);
  });
});

describe('floors', () => {
  const floor = policyOf(`
timezone: UTC
elements: { sensor: { kind: device, address: 10.0.0.2 }, broker: { kind: server, address: 10.0.0.1, mode: enforce } }
rules: { send: { from: sensor, to: { on: broker, protocol: tcp, port: 502 }, limits: { volume: ">= 2 kB per 10 min" } } }
`);

  /** Opens the flow, then says nothing of it for half an hour but what the kernel counts. */
  const quiet = (kernelBytes: number) => {
    const monitor = monitorOf(floor);
    monitor.observe(opening('10.0.0.2'));
    monitor.flow(flow());
    for (let minute = 1; minute <= 40; minute++) {
      if (kernelBytes > 0)
        monitor.flow(
          flow({
            kind: 'progressed',
            at: START + minute * MINUTE,
            packetsOut: 3 + minute,
            bytesOut: 300 + minute * kernelBytes,
          }),
        );
      monitor.tick(START + minute * MINUTE);
    }
    return monitor.verdicts.ring.latest().filter(({ reasons }) => reasons.includes('under-volume'));
  };

  it('alarm when both packets and the kernel’s counts fall short', () => {
    expect(quiet(0).length).toBeGreaterThan(0);
    expect(quiet(0)[0]).toMatchObject({
      rule: 'send',
      sourceElement: 'sensor',
      destinationElement: 'broker',
      isEnforced: false,
    });
  });

  it('do not when packets were lost on the way here', () => {
    expect(quiet(1_000)).toEqual([]);
  });
});

it('begins anew with another clock, and keeps its records', () => {
  const monitor = monitorOf(POLICY);
  monitor.observe(opening('10.0.0.2'));
  monitor.beginAnew(START - 365 * 86_400 * SECOND, { quarantined: new Set(['hmi']), logons: [] });
  monitor.observe({ ...opening('10.0.0.2'), at: START - 365 * 86_400 * SECOND });
  expect(monitor.verdicts.ring.latest().at(-1)).toMatchObject({ reasons: ['quarantined'] });
  expect(monitor.flows.seen).toBe(2);
});
