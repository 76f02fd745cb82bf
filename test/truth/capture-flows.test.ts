// Holds the flow table to the ground truth of every capture in the shared traffic: each row, each column, each file.

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type CaptureEnd, FlowTable, type Frame, flowCsvHeader, flowCsvLine, TrafficReader } from '#capture';
import { AddressTable } from '#model';

const SHARED = resolve(process.env.PICKET_SHARED ?? join(import.meta.dirname, '../../../shared'), 'traffic');
const isThere = existsSync(join(SHARED, 'truth/files.csv'));

/** tshark counts three custom blocks as packets here. */
const CUSTOM_BLOCKS = 3;
const hasCustomBlocks = (file: string): boolean => /test[12]02\.pcapng$/.test(file);

/** The truth was printed through doubles, which hold a present time to some hundred nanoseconds. */
const TIME_TOLERANCE_SECONDS = 1e-6;

const CATEGORIES = ['app', 'attack.gz', 'edge', 'ics', 'ics-modbus.gz', 'iot-setup.gz', 'iot-week'];

function read(path: string): Buffer {
  const bytes = readFileSync(join(SHARED, path));
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** Lines of a truth table by capture, without the column `file`. */
function truthFlows(): Map<string, string[]> {
  const byFile = new Map<string, string[]>();
  for (const category of CATEGORIES) {
    const [name = '', zip] = category.split('.');
    const text = read(`truth/flows-${name}.csv${zip === undefined ? '' : '.gz'}`).toString();
    for (const line of text.split(/\r?\n/).slice(1)) {
      const comma = line.indexOf(',');
      if (comma < 0) continue;
      const lines = byFile.get(line.slice(0, comma)) ?? [];
      lines.push(line.slice(comma + 1));
      byFile.set(line.slice(0, comma), lines);
    }
  }
  return byFile;
}

interface FileTruth {
  readonly file: string;
  readonly packets: number;
  readonly nonIp: number;
  readonly isCut: boolean;
}

function truthFiles(): FileTruth[] {
  const [header = '', ...lines] = read('truth/files.csv').toString().trim().split(/\r?\n/);
  const at = (name: string): number => header.split(',').indexOf(name);
  return lines.map((line) => {
    const cells = line.split(',');
    return {
      file: cells[0] ?? '',
      packets: Number(cells[at('packets')]),
      nonIp: Number(cells[at('non_ip_packets')]),
      isCut: cells[at('tshark_exit')] === '2',
    };
  });
}

interface Metered {
  readonly lines: readonly string[];
  readonly end: CaptureEnd;
}

function meter(file: string): Metered {
  const addresses = new AddressTable();
  const table = new FlowTable(addresses);
  const sink = { frame: (frame: Frame) => table.add(frame) };
  const reader = new TrafficReader({ addresses, inspector: null, sink });
  reader.push(read(`captures/${file}`));
  const end = reader.end();
  return { lines: [...table.rows()].map(flowCsvLine), end };
}

const COLUMNS = flowCsvHeader().split(',');

function lineDifferences(found: string, wanted: string): string[] {
  const cells = found.split(',');
  return wanted.split(',').flatMap((want, at) => {
    const got = cells[at] ?? 'nothing';
    const column = COLUMNS[at] ?? '';
    const isTime = column.endsWith('_ts');
    const isEqual = isTime ? Math.abs(Number(got) - Number(want)) <= TIME_TOLERANCE_SECONDS : got === want;
    return isEqual ? [] : [`flow ${cells[0]} ${column}: ${got} for ${want}`];
  });
}

function differences(truth: FileTruth, wanted: readonly string[]): string[] {
  const { lines, end } = meter(truth.file);
  const custom = hasCustomBlocks(truth.file) ? CUSTOM_BLOCKS : 0;
  const out: string[] = [];
  if (lines.length !== wanted.length) out.push(`${lines.length} flows for ${wanted.length}`);
  if (end.packets !== truth.packets - custom) out.push(`${end.packets} packets for ${truth.packets - custom}`);
  if (end.nonIp !== truth.nonIp - custom) out.push(`${end.nonIp} without IP for ${truth.nonIp - custom}`);
  if ((end.kind === 'cut') !== truth.isCut || (end.kind !== 'cut' && end.kind !== 'whole'))
    out.push(`ended ${end.kind}: ${end.message}`);
  for (const [at, line] of wanted.entries()) out.push(...lineDifferences(lines[at] ?? '', line));
  return out;
}

const title = isThere ? '' : ' (shared traffic is not there)';

describe('FlowTable', () => {
  it.skipIf(!isThere)(`has the columns of the truth${title}`, () => {
    const header = read('truth/flows-edge.csv').toString().split(/\r?\n/)[0];
    expect(`file,${flowCsvHeader()}`).toBe(header);
  });

  it.skipIf(!isThere)(`equals the truth on every capture${title}`, () => {
    const flows = truthFlows();
    const files = truthFiles();
    const unequal = files.flatMap((truth) => {
      const found = differences(truth, flows.get(truth.file) ?? []);
      return found.length > 0 ? [`${truth.file}: ${found.slice(0, 5).join('; ')}`] : [];
    });
    expect(unequal).toEqual([]);
    expect(files.length).toBe(357);
  });
});
