// Every Zeek log of the shared traffic is told as one, and every conn log is read whole.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { detectLog, ZeekReader } from '#capture';
import { AddressTable } from '#model';

const CAPTURES = join(process.env.PICKET_SHARED ?? '../shared', 'traffic', 'captures');
const FOLDERS = ['iot23', 'zeek-3day', 'zeek-apt29-day1', 'zeek-slips-mixed9', 'zeek-scan'];
const HAS_TRAFFIC = existsSync(CAPTURES);
const title = HAS_TRAFFIC ? '' : ' (the shared traffic is not there)';

function logs(): readonly string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(CAPTURES, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(log|csv)(\.gz)?$/.test(name))
      .map((name) => join(CAPTURES, folder, name)),
  );
}

function bytesOf(path: string): Uint8Array {
  const raw = readFileSync(path);
  return raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw;
}

test.skipIf(!HAS_TRAFFIC)(
  `logs are told by their first lines and conn logs are read whole${title}`,
  { timeout: 120_000 },
  () => {
    let records = 0;
    for (const path of logs()) {
      const data = bytesOf(path);
      const isConn = /conn[._]|_conn|^CTU-/.test(basename(path)) && !basename(path).startsWith('known');
      expect([path, detectLog(data)?.format]).toEqual([path, 'Zeek log']);
      if (!isConn) continue;
      const reader = new ZeekReader({ addresses: new AddressTable(), sink: { observe: () => {}, name: () => {} } });
      reader.push(data);
      const end = reader.end();
      expect([path, end.kind, end.message]).toEqual([path, 'whole', '']);
      records += end.records;
    }
    expect(records).toBe(99_850);
  },
);
