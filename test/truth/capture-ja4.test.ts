// Fingerprints of TLS clients against the expected outputs of the method's own authors: every row, client port included.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PayloadInspector, TrafficReader } from '#capture';
import { AddressTable, type NameFact } from '#model';

const TRAFFIC = join(process.env.PICKET_SHARED ?? '../shared', 'traffic');
const TABLE = join(TRAFFIC, 'truth', 'ja4.csv');
const HAS_TRAFFIC = existsSync(TABLE);

/** Our rows of one capture; the table lists TLS over TCP only, so QUIC clients are left out. */
function rowsOf(file: string): readonly string[] {
  const rows: string[] = [];
  const addresses = new AddressTable();
  const facts = {
    name: ({ kind, client, clientPort, server, port, value, name }: NameFact): void => {
      if (kind !== 'ja4' || !name.startsWith('t')) return;
      rows.push([file, addresses.text(client), clientPort, addresses.text(server), port, value, name].join(','));
    },
    operation: (): void => {},
  };
  const inspector = new PayloadInspector({ addresses, facts });
  const reader = new TrafficReader({ addresses, inspector, sink: { frame: () => {} } });
  reader.push(readFileSync(join(TRAFFIC, 'captures', file)));
  reader.end();
  return rows.sort();
}

const title = HAS_TRAFFIC ? '' : ' (the shared traffic is not there)';

test.skipIf(!HAS_TRAFFIC)(`fingerprints equal the truth${title}`, () => {
  const truth = readFileSync(TABLE, 'utf8').trim().split(/\r?\n/).slice(1);
  expect(truth.length).toBe(133);
  const files = [...new Set(truth.map((row) => row.split(',')[0] ?? ''))];
  expect(files.flatMap(rowsOf).sort()).toEqual(truth.toSorted());
});
