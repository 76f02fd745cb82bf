// Every capture and log there is, through every command that reads traffic: an answer of the contract, never a crash or a hang.

import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FileError, type Io, runPicket } from '#cli';
import { BARE_MACHINE } from '../../src/cli/machine.testing.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shared = join(process.env.PICKET_SHARED ?? join(root, '../shared'), 'traffic/captures');
const folders = [shared, join(root, 'lab/captures')].filter((folder) => existsSync(folder));
const files = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile()),
);

/** Names and operations of larger ones are read for test/truth. */
const LARGE_BYTES = 200_000;

/** Exit codes that an honest answer to any file may have. */
const ANSWERS = [0, 1, 2, 8];

async function run(
  argv: readonly string[],
  written: Map<string, string>,
): Promise<{ exit: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const io: Io = {
    stdout: { columns: null, write: (text) => out.push(text) },
    stderr: { columns: null, write: (text) => err.push(text) },
    machine: BARE_MACHINE,
    version: 'test',
    now: () => 1_700_000_000_000_000,
    stat: async (path) => {
      const bytes = written.get(path)?.length ?? statSync(path).size;
      return { kind: 'file', bytes, identity: path };
    },
    async *read(path) {
      const text = written.get(path);
      if (text !== undefined) yield Buffer.from(text);
      else for await (const chunk of createReadStream(path)) yield chunk;
    },
    list: async () => [],
    append: async () => ({ write: () => {}, close: () => {} }),
    listen: async () => {
      throw new FileError('failed', 'there is no network');
    },
    checkWritable: async () => {},
    writeWhole: async (path, text) => {
      if (!path.startsWith('memory:')) throw new FileError('denied', 'only memory is written');
      if (typeof text !== 'string') throw new FileError('failed', 'only whole texts are kept');
      written.set(path, text);
    },
  };
  const exit = await runPicket(argv, io);
  return { exit, out: out.join(''), err: err.join('') };
}

describe.skipIf(files.length === 0)('every capture (or: no captures here)', () => {
  test('gets an answer from every command', { timeout: 900_000 }, async () => {
    const troubles: string[] = [];
    const counts = { read: 0, refused: 0, partly: 0, learned: 0, denied: 0, packets: 0 };
    for (const file of files) {
      const written = new Map<string, string>();
      const name = relative(root, file);
      const others = [
        ['names', '--format', 'json'],
        ['operations', '--format', 'csv'],
      ];
      for (const words of [['flows', '--format', 'csv'], ...(statSync(file).size > LARGE_BYTES ? [] : others)]) {
        const { exit, err } = await run([...words, file], written);
        if (!ANSWERS.includes(exit) || err.includes('PICKET-I099'))
          troubles.push(`${words[0]} ${name}: ${exit} ${err}`);
        if (words[0] === 'flows') counts[exit === 0 ? 'read' : exit === 8 ? 'partly' : 'refused']++;
      }
      const learned = await run(['learn', file, '-o', 'memory:policy.yaml'], written);
      if (!ANSWERS.includes(learned.exit) || learned.err.includes('PICKET-I099'))
        troubles.push(`learn ${name}: ${learned.exit} ${learned.err}`);
      if (!written.has('memory:policy.yaml')) continue;
      counts.learned++;
      const replayed = await run(
        ['replay', file, '--policy', 'memory:policy.yaml', '--json', '--report', 'memory:report.html'],
        written,
      );
      if (!ANSWERS.includes(replayed.exit) || replayed.err.includes('PICKET-I099')) {
        troubles.push(`replay ${name}: ${replayed.exit} ${replayed.err}`);
        continue;
      }
      const { totals } = JSON.parse(replayed.out);
      counts.denied += totals.denied;
      counts.packets += totals.packets;
    }
    console.log(JSON.stringify(counts));
    expect(troubles).toEqual([]);
  });
});

test.skipIf(!existsSync(shared))(
  'flows of a captured week are those of the truth (or: no shared captures here)',
  async () => {
    const path = join(shared, 'iot-week/blink-cam-01.pcap.gz');
    const { out } = await run(['flows', '--format', 'csv', path], new Map());
    const truth = readFileSync(join(shared, '../truth/flows-iot-week.csv'), 'utf8')
      .split(/\r?\n/)
      .filter((line) => line.startsWith('iot-week/blink-cam-01.pcap.gz,'))
      .map((line) => line.split(',').slice(1));
    const mine = out
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    const withoutTimes = (cells: readonly string[]): string => [...cells.slice(0, 8), ...cells.slice(10)].join(',');
    expect(mine.map(withoutTimes)).toEqual(truth.map(withoutTimes));
  },
);
