// Our own recordings against ground truth by an unrelated tool: flows, names and operations, without anything beside the checkout.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  FlowTable,
  flowCsvHeader,
  flowCsvLine,
  NamesTable,
  OperationsTable,
  PayloadInspector,
  TrafficReader,
} from '#capture';
import { AddressTable } from '#model';

const CAPTURES = new URL('../../lab/captures/', import.meta.url);

/** Rows of a truth table by file, without the first column. */
function truth(table: string): ReadonlyMap<string, readonly string[]> {
  const rows = new Map<string, string[]>();
  for (const line of readFileSync(new URL(table, CAPTURES), 'utf8').trim().split('\n').slice(1)) {
    const comma = line.indexOf(',');
    const file = line.slice(0, comma);
    rows.set(file, [...(rows.get(file) ?? []), line.slice(comma + 1)]);
  }
  return rows;
}

/** Kinds of names that the tool behind the truth does not tell. */
const UNCOUNTED = /^(?:ja4|mdns-host|mdns-service|nbns-host|ssdp-device|ssdp-server|hides-names),/;

interface Tables {
  readonly flows: readonly string[];
  readonly names: readonly string[];
  readonly operations: readonly string[];
  readonly end: string;
}

function read(file: string): Tables {
  const raw = readFileSync(new URL(file, CAPTURES));
  const addresses = new AddressTable();
  const table = new FlowTable(addresses);
  const names = new NamesTable(addresses);
  const operations = new OperationsTable(addresses);
  const facts = { name: names.add.bind(names), operation: operations.add.bind(operations) };
  const inspector = new PayloadInspector({ addresses, facts });
  const reader = new TrafficReader({ addresses, inspector, sink: { frame: (frame) => table.add(frame) } });
  reader.push(file.endsWith('.gz') ? gunzipSync(raw) : raw);
  const { kind } = reader.end();
  const text = (rows: Iterable<readonly string[]>): string[] => Array.from(rows, (row) => row.join(',')).sort();
  return {
    flows: Array.from(table.rows(), flowCsvLine),
    names: text(names.rows()).filter((row) => !UNCOUNTED.test(row)),
    operations: text(operations.rows()),
    end: kind,
  };
}

const TRUTH = {
  flows: truth('truth-flows.csv'),
  names: truth('truth-names.csv'),
  operations: truth('truth-operations.csv'),
};
const FILES = [...TRUTH.flows.keys()];

test('the flow table has the columns of the truth', () => {
  expect(`file,${flowCsvHeader()}`).toBe(readFileSync(new URL('truth-flows.csv', CAPTURES), 'utf8').split('\n')[0]);
});

describe.each(FILES)('lab/captures/%s', (file) => {
  const tables = read(file);

  test('is read whole', () => {
    expect(tables.end).toBe('whole');
  });

  test('gives the flows of the truth, to the nanosecond', () => {
    expect(tables.flows.length).toBeGreaterThan(0);
    expect(tables.flows).toEqual(TRUTH.flows.get(file));
  });

  test('gives the names of the truth', () => {
    expect(tables.names).toEqual([...(TRUTH.names.get(file) ?? [])].sort());
  });

  test('gives the operations of the truth', () => {
    // The truth lists Modbus and MQTT.
    const operations = tables.operations.filter((row) => /^(modbus|mqtt),/.test(row));
    expect(operations).toEqual([...(TRUTH.operations.get(file) ?? [])].sort());
  });
});

test('the truth of the lab holds every kind of name and both protocols of operations', () => {
  const kinds = new Set([...TRUTH.names.values()].flat().map((row) => row.split(',')[0]));
  expect([...kinds].sort()).toEqual([
    'dhcp-host',
    'dns-answer',
    'dns-cname',
    'dns-query',
    'http-host',
    'mqtt-client',
    'mqtt-topic',
    'sni',
  ]);
  const protocols = new Set([...TRUTH.operations.values()].flat().map((row) => row.split(',')[0]));
  expect([...protocols].sort()).toEqual(['modbus', 'mqtt']);
});
