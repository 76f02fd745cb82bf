// Holds the flow table to the ground truth of every capture in the shared traffic: each row, each column, each file.

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  type CaptureEnd,
  FlowTable,
  type Frame,
  flowCsvHeader,
  flowCsvLine,
  TrafficReader,
  TunnelFlows,
} from '#capture';
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

/** Read off the captures by hand: number of flows inside, and the first of them. */
const TUNNELS: readonly { readonly file: string; readonly flows: number; readonly first: string }[] = [
  { file: 'edge/4in6tunnel.pcap', flows: 1, first: '6 192.168.0.1:64455 10.10.10.1:443 4in6' },
  { file: 'edge/Teredo.pcap', flows: 4, first: '58 fe80::8000:ffff:ffff:fffd: ff02::2: teredo' },
  { file: 'edge/erspanII.pcap', flows: 1, first: '1 23.0.0.2: 23.0.0.3: erspan 100' },
  { file: 'edge/geneve.pcap', flows: 1, first: '1 30.0.0.1: 30.0.0.2: geneve 0' },
  { file: 'edge/geneve-many-options.pcap', flows: 1, first: '6 10.0.0.226:39088 95.217.228.176:80 geneve 786734' },
  { file: 'edge/gre-sample.pcap', flows: 6, first: '1 66.59.111.190: 172.28.2.3: gre' },
  {
    file: 'edge/gtp1_gn_normal_incl_fragmentation.pcap',
    flows: 1,
    first: '6 10.131.47.185:1923 79.101.110.141:80 gtp 0x8c61be36',
  },
  { file: 'edge/vxlan.pcap', flows: 1, first: '1 10.0.0.1: 10.0.0.2: vxlan 123' },
  { file: 'edge/loopback.pcap', flows: 0, first: '' },
];

describe('TunnelFlows', () => {
  it.skipIf(!isThere).each(TUNNELS)(`finds $flows flows inside $file${title}`, ({ file, flows, first }) => {
    const addresses = new AddressTable();
    const table = new TunnelFlows(addresses);
    const sink = { frame: () => {}, tunnel: table.add.bind(table) };
    const reader = new TrafficReader({ addresses, inspector: null, sink });
    reader.push(read(`captures/${file}`));
    const lines = [...table.lines()].map((line) => line.split(','));
    const [cells = []] = lines;
    const ends = `${cells[3]}:${cells[4]} ${cells[5]}:${cells[6]}`;
    expect(lines.length).toBe(flows);
    expect(lines.length === 0 ? '' : `${cells[2]} ${ends} ${cells[22]}`).toBe(first);
  });
});
