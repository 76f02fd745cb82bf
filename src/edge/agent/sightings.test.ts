// What an agent tells its controller: each thing once, what finds no room next time, and never more than a message holds, whoever made up the names.

import { beforeEach, describe, expect, it } from 'vitest';
import { AddressTable, type Instant, MINUTE, type Policy, SECOND } from '#model';
import { policyOf, syn } from './agent.testing.ts';
import { Host } from './host.ts';
import { Monitor } from './monitor.ts';
import type { FindingRow } from './parts.ts';
import { Ring } from './ring.ts';
import { Sightings } from './sightings.ts';

const START = 1_800_000_000 * SECOND;
const START_MS = START / 1_000;
/** Bytes that a controller reads of one message. */
const MESSAGE_BYTES_MAX = 1_024 * 1_024;
const POLICY = policyOf(`
elements:
  plc: { kind: device, address: 10.0.0.1, mode: enforce }
  hmi: { kind: device, address: 10.0.0.2 }
services:
  modbus: { on: plc, protocol: tcp, port: 502 }
rules:
  read: { from: hmi, to: modbus }
`);
const NO_LOSSES = {
  packets: 3,
  answers: 0,
  flowEvents: 0,
  verdicts: 0,
  neighbours: 0,
  restarts: 0,
  outageMicros: 0,
  cutListings: 0,
};
const STANDING = { inForce: 4, local: null };

let addresses: AddressTable;
let monitor: Monitor;
let findings: Ring<FindingRow>;
let inForce: Policy;
let now: Instant;
let sightings: Sightings;

beforeEach(() => {
  addresses = new AddressTable();
  monitor = new Monitor({
    policy: POLICY,
    addresses,
    start: START,
    timezone: 'UTC',
    elapsed: () => now,
    ofMark: () => null,
    onWrongOperation: () => null,
    onName: () => {},
    ownMacs: new Set(),
  });
  findings = new Ring<FindingRow>(2_000);
  inForce = POLICY;
  now = START;
  sightings = new Sightings({
    started: START,
    addresses,
    monitor,
    host: new Host({ addresses, prefix: [], elapsed: () => now }),
    findings,
    health: () => [],
    settled: { now: () => now },
    desk: {
      get inForce() {
        return { policy: inForce };
      },
    },
    quarantines: { elements: new Set(['plc']) },
    observing: { losses: NO_LOSSES },
  });
});

const collect = () => sightings.collect(STANDING);

function use(from: string, port = 502): void {
  monitor.observe(syn(addresses, { from, to: '10.0.0.1', port, at: now }));
}

function found(at: Instant, evidence: string): void {
  findings.push({
    case: `${at}`,
    kind: 'scan',
    began: at,
    at,
    address: '10.0.0.9',
    element: null,
    subject: '10.0.0.9 → plc',
    evidence,
    count: 1,
    severity: 'alarm',
    isWorthQuarantine: false,
    action: null,
  });
}

function seen(mac: number, names: readonly string[]): void {
  const address = addresses.intern(`10.1.${mac >> 8}.${mac & 255}`);
  for (const hostName of names)
    monitor.neighbour({ at: now, origin: 'dhcp', mac, address, interface: 'lan0', hostName, vendorClass: '' });
}

describe('flows', () => {
  it('are told once, with what was judged', () => {
    use('10.0.0.2');
    use('10.0.0.7');
    const { flows, verdicts, revision, fromMs, toMs } = collect();
    expect(flows).toMatchObject([
      { fromElement: 'hmi', toElement: 'plc', port: 502, reason: null, rule: 'read', openings: 1, minuteMs: START_MS },
      { fromElement: null, fromAddress: '10.0.0.7', reason: 'unknown-element', isEnforced: true, openings: 1 },
    ]);
    expect(verdicts).toEqual([{ by: 'engine', reason: 'unknown-element', isEnforced: true, count: 1 }]);
    expect([revision, fromMs, toMs]).toEqual([4, START_MS, START_MS]);
    now += SECOND;
    expect(collect()).toMatchObject({ flows: [], verdicts: [], fromMs: START_MS, toMs: START_MS + 1_000 });
  });

  it('of one minute between the same ends are one row', () => {
    for (let at = 0; at < 3; at++) {
      monitor.observe({
        ...syn(addresses, { from: '10.0.0.2', to: '10.0.0.1', port: 502, at: now }),
        sourcePort: 40_000 + at,
      });
      now += SECOND;
    }
    expect(collect().flows).toMatchObject([{ openings: 3 }]);
  });
});

describe('findings', () => {
  it.each([
    [999, 999, 0],
    [1_000, 1_000, 0],
    [1_001, 1_000, 1],
  ])('%i come as %i, and %i in the next report', (made, first, rest) => {
    for (let at = 0; at < made; at++) found(START + at, 'e');
    expect([collect().findings.length, collect().findings.length, collect().findings.length]).toEqual([first, rest, 0]);
  });

  it('come oldest first, and long ones over several reports', () => {
    for (let at = 0; at < 600; at++) found(START + at * 1_000, '\u0007'.repeat(2_000));
    const reports = [
      collect(),
      collect(),
      collect(),
      collect(),
      collect(),
      collect(),
      collect(),
      collect(),
      collect(),
      collect(),
    ];
    for (const report of reports) expect(JSON.stringify(report).length).toBeLessThan(MESSAGE_BYTES_MAX / 2);
    while ((reports.at(-1)?.findings.length ?? 0) > 0) reports.push(collect());
    const times = reports.flatMap((report) => report.findings.map(({ atMs }) => atMs - START_MS));
    expect(times).toEqual(Array.from({ length: 600 }, (_, at) => at));
  });
});

describe('newcomers', () => {
  it('are told once, and again when they were seen again', () => {
    seen(6, ['cam']);
    expect(collect().newcomers).toMatchObject([{ mac: '00:00:00:00:00:06', names: ['cam'], lastMs: START_MS }]);
    expect(collect().newcomers).toEqual([]);
    now += MINUTE;
    seen(6, ['cam']);
    expect(collect().newcomers).toMatchObject([{ firstMs: START_MS, lastMs: START_MS + 60_000 }]);
  });

  it('that give themselves the longest names leave the report short enough, and all are told', () => {
    const names = Array.from({ length: 8 }, (_, at) => `\u0007${'\u0001'.repeat(126)}${at}`);
    for (let mac = 1; mac <= 300; mac++) seen(mac, names);
    const told = new Set<string>();
    for (let report = collect(); report.newcomers.length > 0; report = collect()) {
      expect(JSON.stringify(report).length).toBeLessThan(MESSAGE_BYTES_MAX);
      for (const { id } of report.newcomers) told.add(id);
    }
    expect(told.size).toBe(300);
  });
});

describe('elements', () => {
  it('are told when something of them changed', () => {
    expect(collect().elements).toEqual([
      { element: 'plc', mode: 'enforce', lastMs: null, isQuarantined: true },
      { element: 'hmi', mode: 'observe', lastMs: null, isQuarantined: false },
    ]);
    expect(collect().elements).toEqual([]);
    use('10.0.0.2');
    expect(collect().elements.map(({ element, lastMs }) => [element, lastMs])).toEqual([
      ['plc', START_MS],
      ['hmi', START_MS],
    ]);
  });
});

describe('proposals', () => {
  const names = () => collect().proposals.map(({ section, entry }) => `${section}.${entry}`);
  const DAY = 24 * 60 * MINUTE;

  function work(from: string): void {
    for (let at = 0; at < 5; at++) {
      use(from, 8_080);
      now += 10 * SECOND;
    }
  }

  it('are what the policy lacks: told once, again after a day, and with the evidence of the learner', () => {
    work('10.0.0.2');
    const first = collect().proposals;
    expect(first.filter(({ section }) => section === 'elements')).toEqual([]);
    expect(first.some(({ section, json }) => section === 'rules' && json.includes('"from": "hmi"'))).toBe(true);
    expect(first.every(({ evidence, lastMs }) => evidence.length <= 500 && lastMs <= now / 1_000)).toBe(true);
    now += 10 * MINUTE;
    expect(names()).toEqual([]);
    now += DAY;
    expect(names()).toEqual(first.map(({ section, entry }) => `${section}.${entry}`));
  });

  it('that the policy has by now are not told; where it loses them they are told at once', () => {
    work('10.0.0.2');
    expect(names().length).toBeGreaterThan(0);
    inForce = policyOf(`
elements:
  plc: { kind: device, address: 10.0.0.1, mode: enforce }
  hmi: { kind: device, address: 10.0.0.2 }
rules: { web: { from: hmi, to: { on: plc, protocol: tcp, port: 8080 } } }
`);
    now += 10 * MINUTE;
    expect(names()).toEqual([]);
    inForce = POLICY;
    now += 10 * MINUTE;
    expect(names().length).toBeGreaterThan(0);
  });

  it('of many come over several reports, none of them left out', () => {
    const entries = new Set<string>();
    for (let at = 0; at < 300; at++) use(`10.2.${at >> 8}.${at & 255}`, 8_080);
    for (let rows = names(); rows.length > 0; rows = names()) {
      expect(rows.length).toBeLessThanOrEqual(200);
      for (const row of rows) entries.add(row);
    }
    expect([...entries].filter((row) => row.startsWith('elements.')).length).toBeGreaterThan(200);
  });
});
