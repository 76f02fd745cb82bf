// When observation goes wrong: children that end, tools that are missing or not permitted, events that come faster than they are read.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AddressTable } from '#model';
import { ObserveError, Observer, type ObserverOptions, type ObserverTrouble } from '#observe';
import { childrenWith, missingKernel, Network, until } from './network.testing.ts';
import { Notes } from './notes.testing.ts';

const missing = missingKernel();

const SEND = (server: string, port: number, count: number): string => `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', ${port}))
for i in range(${count}): s.sendto(b'a' * 20, ('${server}', 7000))
`;

/** Enough to fill every buffer: of packets 16 MiB with 512 bytes of each, of verdicts the system's, of flows 16 MiB with 500 bytes of each. */
const FLOWS = 40_000;
const DATAGRAMS = 40_000;

/** Datagrams that the gateway drops and logs. */
const DROPPED = (count: number): string => `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(${count}): s.sendto(b'a' * 1000, ('10.2.0.2', 99))
`;

/** Each datagram from a port of its own, so each is a flow. */
const FLOOD = (count: number): string => `
import socket
for i in range(${count}):
  s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'a' * 20, ('10.2.0.2', 7000 + i % 50000)); s.close()
`;

/** The machine may be busy with everything else at once. */
const TEST_MS_MAX = 180_000;

describe.skipIf(missing !== '')(
  `Observer in hardship${missing === '' ? '' : ` (skipped: ${missing})`}`,
  { timeout: TEST_MS_MAX },
  () => {
    const network = new Network();
    const open: Observer[] = [];

    beforeAll(() => network.open(), 240_000);
    afterEach(async () => {
      for (const observer of open.splice(0)) await observer.close();
    });
    afterAll(() => network.close(), 60_000);

    function observe(more: Partial<ObserverOptions> = {}): {
      observer: Observer;
      notes: Notes;
      troubles: ObserverTrouble[];
    } {
      const addresses = new AddressTable();
      const notes = new Notes(addresses);
      const troubles: ObserverTrouble[] = [];
      const observer = new Observer({
        sink: notes,
        addresses,
        now: () => Date.now() * 1_000,
        prefix: network.prefix('gateway'),
        onTrouble: (trouble) => troubles.push(trouble),
        ...more,
      });
      open.push(observer);
      return { observer, notes, troubles };
    }

    async function failureOf(observer: Observer): Promise<ObserveError> {
      const error: unknown = await observer.start().then(
        () => null,
        (reason: unknown) => reason,
      );
      if (!(error instanceof ObserveError)) throw new Error(`no ObserveError: ${error}`);
      return error;
    }

    it('begins each child again that was killed, tells the outage, and sees what comes after', async () => {
      const { observer, notes, troubles } = observe();
      await observer.start();
      const children = [...childrenWith('tcpdump'), ...childrenWith('conntrack -E')];
      expect(children).toHaveLength(3);
      for (const pid of children) process.kill(pid, 'SIGKILL');
      await until('all are back', () => troubles.filter(({ kind }) => kind === 'restored').length === 3);
      expect(
        troubles
          .filter(({ kind }) => kind === 'ended')
          .map(({ source }) => source)
          .sort(),
      ).toEqual(['flows', 'packets', 'verdicts']);
      expect(observer.losses.restarts).toBe(3);
      expect(observer.losses.outageMicros).toBeGreaterThan(0);
      network.python('left', SEND('10.2.0.2', 20_001, 5));
      network.python(
        'left',
        `import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'a', ('10.2.0.2', 99))`,
      );
      await until('packets', () => notes.packets.filter(({ from }) => from === '10.1.0.2 20001').length === 5);
      await until('the flow', () =>
        notes.flows.some(({ kind, from }) => kind === 'began' && from === '10.1.0.2 20001'),
      );
      await until('the verdict', () => notes.verdicts.length === 1);
      await observer.close();
      expect([...childrenWith('tcpdump'), ...childrenWith('conntrack')]).toEqual([]);
    });

    it('counts packets, flow events and verdicts that were lost because nobody read them', async () => {
      const { observer, notes } = observe();
      await observer.start();
      const children = [...childrenWith('tcpdump'), ...childrenWith('conntrack -E')];
      for (const pid of children) process.kill(pid, 'SIGSTOP');
      network.python('left', FLOOD(FLOWS));
      network.python('left', DROPPED(DATAGRAMS));
      for (const pid of children) process.kill(pid, 'SIGCONT');
      await until('losses are told', () => {
        const { packets, flowEvents, verdicts } = observer.losses;
        return packets > 0 && flowEvents > 0 && verdicts > 0;
      });
      const { packets, flowEvents } = observer.losses;
      await until('the other events came', () => {
        return notes.flows.filter(({ kind }) => kind === 'began').length + flowEvents >= FLOWS;
      });
      await until('the other packets came', () => {
        return notes.packets.filter(({ to }) => to === '10.2.0.2 99').length + packets >= DATAGRAMS;
      });
      await observer.close();
    });

    it('tells that the kernel does not count', async () => {
      network.run(
        'gateway',
        'sysctl',
        '-qw',
        'net.netfilter.nf_conntrack_acct=0',
        'net.netfilter.nf_conntrack_timestamp=0',
      );
      const { observer, troubles } = observe();
      await observer.start();
      network.run(
        'gateway',
        'sysctl',
        '-qw',
        'net.netfilter.nf_conntrack_acct=1',
        'net.netfilter.nf_conntrack_timestamp=1',
      );
      await observer.close();
      expect(troubles.map(({ kind }) => kind)).toEqual(['accounting-off', 'timestamps-off']);
    });

    it('tells flows that were there before by a listing', async () => {
      network.python('left', SEND('10.2.0.2', 20_009, 7));
      const { observer, notes } = observe();
      await observer.start();
      await until('the listing', () => notes.listings === 1);
      await observer.close();
      expect(notes.flows.filter(({ from }) => from === '10.1.0.2 20009')).toMatchObject([
        { kind: 'progressed', out: [7, 7 * 48], isAnswered: false },
      ]);
    });

    it.each([
      { name: 'a tool that is missing', more: { prefix: ['picket-no-such-tool'] }, code: 'tool-missing' },
      {
        name: 'rights that are missing',
        more: { prefix: ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] },
        code: 'not-permitted',
      },
      { name: 'an interface that is missing', more: { interfaces: ['eth77'] }, code: 'bad-interface' },
      {
        name: 'children that do nothing',
        more: { prefix: ['sh', '-c', 'case "$*" in *address*) echo [];; *) exit 3;; esac', '--'] },
        code: 'not-started',
      },
    ])('refuses to begin with $name, and leaves no child', async ({ more, code }) => {
      const { observer } = observe(more);
      const error = await failureOf(observer);
      expect(error.message).toMatch(/nothing was changed/);
      expect(error.code).toBe(code);
      expect([...childrenWith('tcpdump'), ...childrenWith('conntrack')]).toEqual([]);
    });

    it('is begun once', async () => {
      const { observer } = observe();
      await observer.start();
      expect((await failureOf(observer)).code).toBe('already-started');
      await observer.close();
      await observer.close();
    });

    it('counts only the interfaces that it is asked for', async () => {
      const { observer, notes } = observe({ interfaces: ['right'] });
      await observer.start();
      network.python('left', SEND('10.2.0.2', 20_011, 3));
      network.python(
        'right',
        `import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', 20012)); s.sendto(b'a', ('10.1.0.2', 7000))`,
      );
      await until('what came in on the right', () => notes.packets.some(({ from }) => from === '10.2.0.2 20012'));
      await observer.close();
      expect(notes.packets.filter(({ from }) => from === '10.1.0.2 20011')).toEqual([]);
    });
  },
);
