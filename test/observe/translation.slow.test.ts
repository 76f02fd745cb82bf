// Address translation on a gateway: every packet once, with the addresses of those who really talk.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AddressTable } from '#model';
import { Observer } from '#observe';
import { missingKernel, Network, until } from './network.testing.ts';
import { Notes } from './notes.testing.ts';

const missing = missingKernel();

/** The left side hides behind the gateway's right address; port 8080 of the gateway leads to the left; DNS from the left is turned to the gateway. */
const RULES = `table inet translated {
  chain hidden {
    type nat hook postrouting priority 100
    oifname "right" masquerade
  }
  chain led {
    type nat hook prerouting priority -100
    iifname "right" tcp dport 8080 dnat ip to 10.1.0.2:80
    iifname "left" udp dport 53 redirect to :5300
  }
}
`;

const ECHO = (port: number, address = ''): string => `
import socket
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('${address}', ${port}))
print('ready', flush=True)
while True:
  data, who = u.recvfrom(2000); u.sendto(data + b'x', who)
`;

const WEB = `
import socket
t = socket.socket(); t.bind(('', 80)); t.listen()
print('ready', flush=True)
while True:
  c, _ = t.accept(); c.recv(100); c.sendall(b'y' * 500); c.close()
`;

const COUNT = 100;

const ASK = (server: string, port: number, own: number): string => `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', ${own})); s.settimeout(10)
for i in range(${COUNT}):
  s.sendto(b'a' * 20, ('${server}', ${port})); s.recv(2000)
`;

const FIRST = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', 40000)); s.sendto(b'a', ('10.2.0.2', 7000)); s.settimeout(10); s.recv(2000)
`;

const FETCH = `
import socket
t = socket.create_connection(('10.2.0.1', 8080), source_address=('', 42000)); t.sendall(b'hello')
while t.recv(1000): pass
t.close()
`;

describe.skipIf(missing !== '')(`Observer behind NAT${missing === '' ? '' : ` (skipped: ${missing})`}`, () => {
  const network = new Network();
  const addresses = new AddressTable();
  const notes = new Notes(addresses);
  const observer = new Observer({
    sink: notes,
    addresses,
    now: () => Date.now() * 1_000,
    prefix: network.prefix('gateway'),
  });

  beforeAll(async () => {
    network.open(RULES);
    await network.begin('right', 'python3', '-c', ECHO(7000));
    await network.begin('left', 'python3', '-c', WEB);
    await network.begin('gateway', 'python3', '-c', ECHO(5300));
    await observer.start();
    // Where nothing is translated nothing is held back, so the first flow that ever is may be told by the addresses that it carries.
    network.python('left', FIRST);
    await until('a translated flow is known', () => notes.flows.some(({ isTranslated }) => isTranslated));
    notes.packets.length = 0;
    notes.flows.length = 0;
    network.python('left', ASK('10.2.0.2', 7000, 40001));
    network.python('right', FETCH);
    network.python('left', ASK('10.2.0.2', 53, 40002));
    network.run('gateway', 'conntrack', '-F');
    await until('all flows ended', () => notes.flows.filter(({ kind }) => kind === 'ended').length >= 4);
    await until(
      'the last packets came',
      () => notes.packets.filter(({ from }) => from === '10.1.0.2 40002').length >= COUNT,
    );
  }, 240_000);

  afterAll(async () => {
    await observer.close();
    network.close();
  }, 60_000);

  const pairs = (): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const { from, to, protocol } of notes.packets.filter(({ protocol }) => protocol === 6 || protocol === 17))
      counts.set(`${protocol} ${from} > ${to}`, (counts.get(`${protocol} ${from} > ${to}`) ?? 0) + 1);
    return counts;
  };

  it('tells the packets of a hidden client with its own address, both ways, once', () => {
    expect(pairs().get('17 10.1.0.2 40001 > 10.2.0.2 7000')).toBe(COUNT);
    expect(pairs().get('17 10.2.0.2 7000 > 10.1.0.2 40001')).toBe(COUNT);
  });

  it('tells what is led inside with the address of who answers', () => {
    const flow = notes.flows.find(({ kind, from }) => kind === 'ended' && from === '10.2.0.2 42000');
    expect(flow).toMatchObject({ to: '10.1.0.2 80', isTranslated: true });
    expect(pairs().get('6 10.2.0.2 42000 > 10.1.0.2 80')).toBe(flow?.out[0]);
    expect(pairs().get('6 10.1.0.2 80 > 10.2.0.2 42000')).toBe(flow?.back[0]);
  });

  it('tells what is turned to the gateway as talk with the gateway', () => {
    expect(pairs().get('17 10.1.0.2 40002 > 10.1.0.1 5300')).toBe(COUNT);
    expect(pairs().get('17 10.1.0.1 5300 > 10.1.0.2 40002')).toBe(COUNT);
  });

  it('tells no other pair', () => {
    expect([...pairs().keys()].filter((key) => !/ (7000|80|5300)( |$)/.test(key))).toEqual([]);
    expect([...pairs().keys()]).toHaveLength(6);
  });
});
