// Flows inside tunnels: both directions in one row, equal addresses of different networks apart, and who carries them.

import { describe, expect, it } from 'vitest';
import { AddressTable } from '#model';
import { Bytes, ip4, joined, pcapBytes, udp } from './capture.testing.ts';
import { flowCsvHeader } from './flow-row.ts';
import { TunnelFlows, tunnelCsvHeader } from './flow-tunnels.ts';
import { TrafficReader } from './reader.ts';

const A = { source: [10, 0, 0, 1], destination: [10, 0, 0, 2] };
const B = { source: [10, 0, 0, 2], destination: [10, 0, 0, 1] };

const inner = (way: typeof A, ports: readonly [number, number]): Uint8Array =>
  ip4(udp(new Uint8Array(1), ...ports), way);
const gtp = (teid: number, way: typeof A, packet: Uint8Array): Uint8Array =>
  ip4(udp(joined(new Bytes(true).u32(0x30ff0000, teid).bytes, packet), 2152, 2152), {
    source: way.source.map((part) => part + 100),
    destination: way.destination.map((part) => part + 100),
  });
const geneve = (network: number, packet: Uint8Array): Uint8Array =>
  ip4(udp(joined(new Bytes(true).u32(0x0000_0800, network * 256).bytes, packet), 9, 6081));

/** Columns of each row by name. */
function rowsOf(packets: readonly Uint8Array[], flowsMax?: number): readonly ReadonlyMap<string, string>[] {
  const addresses = new AddressTable();
  const table = new TunnelFlows(addresses, flowsMax);
  const sink = { frame: () => {}, tunnel: table.add.bind(table) };
  const reader = new TrafficReader({ addresses, inspector: null, sink });
  reader.push(
    pcapBytes(
      packets.map((data) => ({ data })),
      { linkType: 101 },
    ),
  );
  const columns = tunnelCsvHeader().split(',');
  return [...table.lines()].map((line) => {
    const cells = line.split(',');
    expect(cells.length).toBe(columns.length);
    return new Map(columns.map((column, at) => [column, cells[at] ?? '']));
  });
}

describe('TunnelFlows', () => {
  it('adds its columns behind those of a flow', () => {
    expect(tunnelCsvHeader()).toBe(`${flowCsvHeader()},tunnel_ab,tunnel_ba,outer_a,outer_b`);
  });

  it('joins both directions though each has a number of its own', () => {
    const [row, ...others] = rowsOf([
      gtp(7, A, inner(A, [1, 2])),
      gtp(8, B, inner(B, [2, 1])),
      gtp(9, B, inner(B, [2, 1])),
    ]);
    expect(others).toEqual([]);
    expect(row?.get('packets_ab')).toBe('1');
    expect(row?.get('packets_ba')).toBe('2');
    expect(row?.get('tunnel_ab')).toBe('gtp 0x00000007');
    expect(row?.get('tunnel_ba')).toBe('gtp 0x00000008');
    expect(row?.get('outer_a')).toBe('110.100.100.101');
    expect(row?.get('outer_b')).toBe('110.100.100.102');
  });

  it('keeps equal addresses of two networks apart', () => {
    const packet = inner(A, [1, 2]);
    const rows = rowsOf([geneve(1, packet), geneve(2, packet), geneve(1, packet)]);
    expect(rows.map((row) => `${row.get('tunnel_ab')} ${row.get('packets_ab')}`)).toEqual(['geneve 1 2', 'geneve 2 1']);
  });

  it('has a row for every header inside', () => {
    const rows = rowsOf([geneve(1, gtp(7, A, inner(A, [1, 2])))]);
    expect(rows.map((row) => row.get('tunnel_ab'))).toEqual(['geneve 1', 'geneve 1 > gtp 0x00000007']);
  });

  it('passes over what is in no tunnel, and flows beyond its bound', () => {
    expect(rowsOf([inner(A, [1, 2])])).toEqual([]);
    expect(rowsOf([geneve(1, inner(A, [1, 2])), geneve(1, inner(A, [3, 4]))], 1).length).toBe(1);
  });
});
