// A long run: what observation costs beside a bare tcpdump, and that memory stays flat while packets and flows go by.

import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AddressTable } from '#model';
import { Observer } from '#observe';
import { childrenWith, missingKernel, Network, until } from './network.testing.ts';

const missing = missingKernel();
const SECONDS = 30;
const PER_SECOND = 20_000;

/** Datagrams of 200 bytes, 200 each 10 ms, by 100 sockets that are renewed: 100 new flows a second. Prints how many it sent. */
const SENDER = `
import socket, time
made = lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
socks = [made() for _ in range(100)]
for s in socks: s.connect(('10.2.0.2', 7000))
begin = time.monotonic(); sent = 0; tick = 0
while tick < ${SECONDS * 100}:
  late = begin + tick * 0.01 - time.monotonic()
  if late > 0: time.sleep(late)
  elif late < -1: begin -= late
  for i in range(${PER_SECOND / 100}):
    try: socks[i % 100].send(b'a' * 172); sent += 1
    except OSError: pass
  socks[tick % 100].close(); socks[tick % 100] = made(); socks[tick % 100].connect(('10.2.0.2', 7000))
  tick += 1
print(sent, time.monotonic() - begin)
`;

/** Processor time of a process in seconds; the clock of /proc has 100 ticks a second. */
function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const cells = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(cells[11]) + Number(cells[12])) / 100;
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

function heapMegabytes(): number {
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

describe.skipIf(missing !== '')(
  `Observer for long${missing === '' ? '' : ` (skipped: ${missing})`}`,
  { timeout: 400_000 },
  () => {
    const network = new Network();
    const counts = { packets: 0, bytes: 0, began: 0 };
    const observer = new Observer({
      addresses: new AddressTable(),
      now: () => Date.now() * 1_000,
      prefix: network.prefix('gateway'),
      sink: {
        observe({ protocol, bytes }) {
          if (protocol !== 17) return;
          counts.packets++;
          counts.bytes += bytes;
        },
        flow({ kind }) {
          if (kind === 'began') counts.began++;
        },
        name() {},
        verdict() {},
        neighbour() {},
      },
    });

    beforeAll(async () => {
      network.open();
      network.load('table inet quiet { chain c { type filter hook input priority 0; udp dport 7000 drop; }; }');
      await observer.start();
    }, 240_000);

    afterAll(async () => {
      await observer.close();
      network.close();
    });

    it('keeps its memory flat and tells every packet that it does not count as lost', async () => {
      const capture = ['-i', 'any', '-y', 'LINUX_SLL2', '-n', '-U', '-s', '512', '-B', '16384', '-w', '/dev/null'];
      const bare = await network.begin(
        'gateway',
        'sh',
        '-c',
        'echo ready; exec tcpdump "$@" 2>/dev/null',
        '--',
        ...capture,
      );
      network.run(
        'right',
        'nft',
        'table inet quiet { chain c { type filter hook input priority 0; udp dport 7000 drop; }; }',
      );
      const [packets = -1] = childrenWith('tcpdump -i any -y LINUX_SLL2 -n -U --immediate-mode -s 512 -B 16384 -w -');
      const others = [...childrenWith('nflog'), ...childrenWith('conntrack -E')];
      const sender = await network.begin('left', 'sh', '-c', 'echo ready; exec python3 -c "$1"', '--', SENDER);
      let told = '';
      sender.stdout?.on('data', (text: Buffer) => {
        told += text.toString();
      });
      const heaps: number[] = [];
      await until('a third', () => counts.packets > (SECONDS * PER_SECOND) / 3, 120_000);
      const before = {
        at: performance.now(),
        own: process.cpuUsage(),
        bare: processorSeconds(bare.pid ?? -1),
        tool: processorSeconds(packets),
        seen: counts.packets,
      };
      heaps.push(heapMegabytes());
      await until('the sender is done', () => told !== '', 240_000);
      const own = process.cpuUsage(before.own);
      const cost = {
        node: (own.user + own.system) / 1e6,
        tcpdump: processorSeconds(packets) - before.tool,
        bare: processorSeconds(bare.pid ?? -1) - before.bare,
        others: others.reduce((sum, pid) => sum + processorSeconds(pid), 0),
        packets: counts.packets - before.seen,
        seconds: (performance.now() - before.at) / 1e3,
      };
      const [sent = 0] = told.trim().split(' ').map(Number);
      await until('all came', () => counts.packets + observer.losses.packets >= sent, 60_000);
      heaps.push(heapMegabytes());
      // Figures for the reader of the run; a busy machine makes them larger, never wrong.
      console.info({ sent, counts, heaps, cost, losses: observer.losses });
      expect(counts.packets).toBeLessThanOrEqual(sent);
      expect(Math.abs((heaps[1] ?? 0) - (heaps[0] ?? 0))).toBeLessThan(HEAP_MEGABYTES_MAX);
    });
  },
);

/** Growth between a third and the end: what is bounded may still fill a little. */
const HEAP_MEGABYTES_MAX = 8;
