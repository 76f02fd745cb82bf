// Bridges: the kernel shows one packet on a port and on its bridge, and it counts once.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AddressTable } from '#model';
import { Observer } from '#observe';
import { missingKernel, Network, until } from './network.testing.ts';
import { Notes } from './notes.testing.ts';

const missing = missingKernel();
const COUNT = 50;

const ECHO = `
import socket
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('', 7000))
print('ready', flush=True)
while True:
  data, who = u.recvfrom(2000); u.sendto(data, who)
`;

const ASK = (server: string, own: number): string => `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', ${own})); s.settimeout(10)
for i in range(${COUNT}):
  s.sendto(b'a' * 20, ('${server}', 7000)); s.recv(2000)
`;

describe.skipIf(missing !== '')(`Observer of a bridge${missing === '' ? '' : ` (skipped: ${missing})`}`, () => {
  const network = new Network();
  const addresses = new AddressTable();
  const notes = new Notes(addresses);
  const observer = new Observer({
    sink: notes,
    addresses,
    now: () => Date.now() * 1_000,
    prefix: network.prefix('gateway'),
  });
  const ip = (place: 'left' | 'gateway' | 'right', words: string): string =>
    network.run(place, 'ip', ...words.split(' '));

  beforeAll(async () => {
    network.open();
    // The left link becomes a port of a bridge that routes.
    ip('gateway', 'address flush dev left');
    ip('gateway', 'link add br0 type bridge');
    ip('gateway', 'link set left master br0');
    ip('gateway', 'link set br0 up');
    ip('gateway', 'address add 10.1.0.1/24 dev br0');
    await network.begin('right', 'python3', '-c', ECHO);
    await network.begin('gateway', 'python3', '-c', ECHO);
    await network.begin('left', 'python3', '-c', ECHO);
    await observer.start();
    network.python('left', ASK('10.2.0.2', 40001));
    network.python('left', ASK('10.1.0.1', 40002));
    network.python('gateway', ASK('10.2.0.2', 40003));
    await until('the last packets came', () => to('10.2.0.1 40003').length >= COUNT);
  }, 240_000);

  afterAll(async () => {
    await observer.close();
    network.close();
  }, 60_000);

  const to = (end: string) => notes.packets.filter((one) => one.to === end);
  const from = (end: string) => notes.packets.filter((one) => one.from === end);

  it.each([
    { way: 'from a bridge port to another interface', end: '10.1.0.2 40001' },
    { way: 'from a bridge port to the gateway', end: '10.1.0.2 40002' },
    { way: 'from the gateway to another interface', end: '10.2.0.1 40003' },
  ])('counts $way once', ({ end }) => {
    expect(from(end)).toHaveLength(COUNT);
    expect(to(end)).toHaveLength(COUNT);
  });

  it('counts what the gateway sends through its bridge once, and names the port of a neighbour', async () => {
    network.python('gateway', ASK('10.1.0.2', 40004));
    await until('the packets came', () => from('10.1.0.2 7000').length >= COUNT);
    expect(from('10.1.0.1 40004')).toHaveLength(COUNT);
    expect(to('10.1.0.1 40004')).toHaveLength(COUNT);
    expect(notes.neighbours.find(({ address }) => address === '10.1.0.2')?.interface).toBe('left');
  });
});
