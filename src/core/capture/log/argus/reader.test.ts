// Argus text made by hand: the CTU spelling, ra with commas and aligned, arrows, ports in hex, and what is no IP.

import { describe, expect, test } from 'vitest';
import { countsOf, readLog } from '../log.testing.ts';

const CTU = 'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,Label\n';
const ctu = (more: Record<string, string> = {}): string => {
  const cells = {
    start: '2018/09/27 22:40:52.362768',
    dur: '1.5',
    proto: 'tcp',
    source: '10.0.0.1',
    sport: '4000',
    dir: '   ->',
    destination: '10.0.0.2',
    dport: '22',
    counts: 'CON,0,0,5,500,300',
    label: '',
    ...more,
  };
  const { start, dur, proto, source, sport, dir, destination, dport, counts, label } = cells;
  return `${start},${dur},${proto},${source},${sport},${dir},${destination},${dport},${counts},${label}\n`;
};
const AT = '1538088052362768';

describe('the CTU spelling', () => {
  test('one record both ways; packets shared out by bytes, totals exact', () => {
    const read = readLog(CTU + ctu());
    expect(read.seen).toEqual([
      `${AT} 10.0.0.1:4000 > 10.0.0.2:22 6 3p 300b i1`,
      `${AT} 10.0.0.2:22 > 10.0.0.1:4000 6 2p 200b i2`,
    ]);
    expect(read.records).toMatchObject([{ number: 1, line: 2, ends: Number(AT) + 1_500_000 }]);
    expect(read.end).toMatchObject({ kind: 'whole', format: 'argus-text', tells: { flows: true, ipBytes: false } });
  });

  test.each([
    ['   ->', 1],
    ['  <->', 1],
    ['  <?>', 0],
    ['   ?>', 0],
    ['  <?', 0],
    ['   <-', 2],
    ['  <|>', 1],
  ])('arrow %s: initiator %d', (dir, initiator) => {
    expect(readLog(CTU + ctu({ dir })).seen[0]).toContain(` i${initiator}`);
  });

  test.each([
    ['5,500,500', ['5p 500b']],
    ['5,500,0', ['5p 500b']],
    ['2,500,499', ['1p 499b', '1p 1b']],
    ['1,500,250', ['1p 250b', '0p 250b']],
    ['0,0,0', ['0p 0b']],
  ])('packets, bytes and source bytes %s', (counts, expected) => {
    const { seen } = readLog(CTU + ctu({ counts: `CON,0,0,${counts}` }));
    expect(seen.map((one) => /\d+p \d+b/.exec(one)?.[0])).toEqual(expected);
  });

  test('source bytes above the total contradict it', () => {
    expect(readLog(CTU + ctu({ counts: 'CON,0,0,5,500,501' })).end?.problems[0]?.reason).toBe(
      'the record has no counts of packets and bytes',
    );
  });

  test('ports in hex, and ICMP types in their place', () => {
    expect(readLog(CTU + ctu({ sport: '0x0fa0', dport: '0x0016' })).seen[0]).toContain('10.0.0.1:4000 > 10.0.0.2:22 ');
    const icmp = ctu({ proto: 'icmp', sport: '0x0008', dport: '0x0000', counts: 'URP,0,,2,200,200' });
    expect(readLog(CTU + icmp).seen).toEqual([`${AT} 10.0.0.1 > 10.0.0.2 1 2p 200b i1`]);
  });

  test('labels come with the record', () => {
    expect(readLog(CTU + ctu({ label: 'flow=From-Botnet-V42' })).records[0]?.labels).toEqual(['flow=From-Botnet-V42']);
  });

  test('what is no IP is counted, what cannot be read is a fault', () => {
    const text =
      CTU +
      ctu({ proto: 'arp', sport: '', dir: '  who', dport: '', source: '02:00:00:00:00:01' }) +
      ctu({ proto: 'llc' }) +
      ctu({ start: '22:40:52.362768' }) +
      ctu({ dport: 'ssh' }) +
      '1,2\n';
    const read = readLog(text);
    expect(countsOf(read)).toEqual({ records: 0, unread: 3, skipped: { 'an argus record of no IP': 2 } });
    expect(read.end?.problems.map(({ reason }) => reason)).toEqual([
      'StartTime is "22:40:52.362768", which has no date; "ra -u" prints it',
      'the destination port is "ssh", which is no port; "ra -n -c ," prints numbers, whole',
      'the line has not the 15 cells of the header',
    ]);
  });
});

test('ra -c , with counts of each direction, and times since 1970', () => {
  const text = `StartTime,LastTime,Flgs,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,SrcPkts,DstPkts,SrcBytes,DstBytes,State
1477674021.971095,1477674022.311142, e        ,man,0,0,,0,0,0,0,0,0,STA
1477674021.971095,1477674022.311142, e        ,ipv6-icmp,fe80::1,143,   ->,ff02::16,0,2,0,180,0,MHR
1477674021.971095,1477674022.311142, e        ,udp,10.0.0.1,68,  <->,10.0.0.2,67,2,1,684,342,CON
`;
  const read = readLog(text);
  expect(read.seen).toEqual([
    '1477674021971095 fe80::1 > ff02::16 58 2p 180b i1',
    '1477674021971095 10.0.0.1:68 > 10.0.0.2:67 17 2p 684b i1',
    '1477674021971095 10.0.0.2:67 > 10.0.0.1:68 17 1p 342b i2',
  ]);
  expect(read.records[0]?.ends).toBe(1_477_674_022_311_142);
  expect(countsOf(read)).toMatchObject({ records: 2, skipped: { 'an argus record about argus itself': 1 } });
});

test('ra with aligned columns: flags or none, address and port joined or apart', () => {
  const text = `                 StartTime      Flgs  Proto            SrcAddr  Sport   Dir            DstAddr  Dport  TotPkts   TotBytes State
         1477674021.971095              man                  0      0                        0      0        0          0   STA
         1477674022.020209  e           arp           10.5.5.1          who          10.5.5.26               3        126   INT
         1477674029.220298  e           udp            0.0.0.0.68        ->    255.255.255.255.67            2        684   INT
         1477674030.000000  e s         tcp           10.0.0.1.4000     <->           10.0.0.2.443           9        900   CON
         1477674031.000000             icmp           10.5.5.1           ->            8.8.4.4               1         98   URP
  2018/09/27 22:40:52.362768 e          udp         fe80::1.5353         ->           ff02::fb.5353          1         98   INT
         1477674032.000000  e        ipv6-*         fe80::1.143         ->           ff02::16.0             2        180   MHR
`;
  const read = readLog(text);
  expect(read.seen).toEqual([
    '1477674029220298 0.0.0.0:68 > 255.255.255.255:67 17 2p 684b i1',
    '1477674030000000 10.0.0.1:4000 > 10.0.0.2:443 6 9p 900b i1',
    '1477674031000000 10.5.5.1 > 8.8.4.4 1 1p 98b i1',
    '1538088052362768 fe80::1:5353 > ff02::fb:5353 17 1p 98b i1',
  ]);
  expect(countsOf(read)).toMatchObject({ records: 4, unread: 1 });
  expect(read.end?.problems[0]?.reason).toBe('Proto is "ipv6-*", cut short by ra; "ra -c ," prints it whole');
});
