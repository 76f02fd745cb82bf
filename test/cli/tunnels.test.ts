// What captures show beside ordinary flows: the conversations inside tunnels, snoop files, and links that are not read.

import { describe, expect, test } from 'vitest';
import { Bytes, ethernet, ip4, joined, pcapBytes, udp } from '../../src/core/capture/capture.testing.ts';
import { World } from './fake-io.testing.ts';

const INNER = ip4(udp(new Uint8Array(4), 5000, 53), { source: [172, 16, 0, 1], destination: [172, 16, 0, 2] });
const GENEVE = ip4(udp(joined(new Bytes(true).u32(0x0000_0800, 42 * 256).bytes, INNER), 9, 6081));
const TUNNEL = pcapBytes([{ data: ethernet(0x0800, GENEVE) }]);

const SNOOP = new Bytes(true)
  .raw([0x73, 0x6e, 0x6f, 0x6f, 0x70, 0, 0, 0])
  .u32(2, 4, 60, INNER.length + 14, 24 + Math.ceil((INNER.length + 14) / 4) * 4, 0, 9, 5)
  .raw(ethernet(0x0800, INNER))
  .pad().bytes;

describe('picket flows', () => {
  test('--tunnels lists what lies inside, with the tunnel and its ends behind the columns of a flow', async () => {
    const world = new World().put('a.pcap', TUNNEL);
    const { out, exit } = await world.run('flows', '--tunnels', '--format', 'csv', 'a.pcap');
    const [head = '', row = '', ...rest] = out.trim().split('\n');
    expect(exit).toBe(0);
    expect(head).toMatch(/^flow,ip_version,.*,vlans_ab,vlans_ba,tunnel_ab,tunnel_ba,outer_a,outer_b$/);
    expect(row).toMatch(/^1,4,17,172\.16\.0\.1,5000,172\.16\.0\.2,53,.*,geneve 42,,10\.0\.0\.1,10\.0\.0\.2$/);
    expect(rest).toEqual([]);
  });

  test('without the flag the outermost header counts, in the columns there always were', async () => {
    const { out } = await new World().put('a.pcap', TUNNEL).run('flows', '--format', 'csv', 'a.pcap');
    const [head = '', row = ''] = out.trim().split('\n');
    expect(head.endsWith(',vlans_ab,vlans_ba')).toBe(true);
    expect(row).toMatch(/^1,4,17,10\.0\.0\.1,9,10\.0\.0\.2,6081,/);
  });

  test('--tunnels says where there is none', async () => {
    const { out, exit } = await new World().put('a.snoop', SNOOP).run('flows', '--tunnels', 'a.snoop');
    expect({ out, exit }).toEqual({ out: 'no flows\n', exit: 0 });
  });

  test('reads snoop files', async () => {
    const { out, exit } = await new World().put('a.snoop', SNOOP).run('flows', '--format', 'csv', 'a.snoop');
    expect(exit).toBe(0);
    expect(out).toContain('\n1,4,17,172.16.0.1,5000,172.16.0.2,53,0,9.000005000,');
  });

  test('names links that it does not read, on stderr and in JSON', async () => {
    const world = new World().put('a.pcap', pcapBytes([{ data: INNER }, { data: INNER }], { linkType: 147 }));
    const { out, err, exit } = await world.run('flows', '--format', 'json', 'a.pcap');
    expect(exit).toBe(0);
    expect(err).toContain('note: 2 packets of "a.pcap" left out: link type 147 is not read');
    expect(JSON.parse(out).inputs[0].skipped).toEqual([{ reason: 'link type 147 is not read', count: 2 }]);
  });
});
