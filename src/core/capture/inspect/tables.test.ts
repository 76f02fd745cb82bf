// Tables of names and operations: counting, form, and the bound.

import { expect, test } from 'vitest';
import { AddressTable, type NameFact } from '#model';
import { NAMES_HEADER, NamesTable, OPERATIONS_HEADER, OperationsTable } from './tables.ts';

const addresses = new AddressTable();
const client = addresses.intern('10.0.0.1');
const server = addresses.intern('2001:db8::1');
const fact = (name: string, value = ''): NameFact => ({
  kind: 'sni',
  at: 0,
  client,
  server,
  clientMac: -1,
  port: 443,
  name,
  value,
  address: -1,
  ttlSeconds: 0,
});

test('names are counted with their first frame, in the order in which they were met', () => {
  const table = new NamesTable(addresses);
  table.add(fact('b'), { index: 4 });
  table.add(fact('a', 'v'), { index: 5 });
  table.add(fact('b'), { index: 9 });
  expect([...table.rows()].map((row) => row.join(','))).toEqual([
    'sni,10.0.0.1,2001:db8::1,443,b,,2,4',
    'sni,10.0.0.1,2001:db8::1,443,a,v,1,5',
  ]);
  expect(NAMES_HEADER.split(',').length).toBe(8);
});

test('a name and a value never run into one another', () => {
  const table = new NamesTable(addresses);
  table.add(fact('a b', 'c'), { index: 1 });
  table.add(fact('a', 'b c'), { index: 2 });
  table.add(fact('b a', 'c'), { index: 3 });
  expect(table.size).toBe(3);
});

test('operations are counted, and a full table says what it dropped', () => {
  const table = new OperationsTable(addresses, 1);
  const operation = { protocol: 'modbus', source: client, destination: server, port: 502, operation: '1/3' };
  table.add(operation);
  table.add(operation);
  table.add({ ...operation, operation: '1/5' });
  expect([...table.rows()]).toEqual([['modbus', '10.0.0.1', '2001:db8::1', '502', '1/3', '2']]);
  expect(table.dropped).toBe(1);
  expect(OPERATIONS_HEADER.split(',').length).toBe(6);
});
