// What the observer tells of a gateway in the real kernel: each packet and flow once, names, verdicts and neighbours.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AddressTable } from '#model';
import { hostFacts, Observer, type ObserverTrouble } from '#observe';
import { childrenWith, missingKernel, Network, until } from './network.testing.ts';
import { Notes } from './notes.testing.ts';

const missing = missingKernel();

/** Answers each datagram on port 7000 with 20 bytes more, and TCP on port 80 with 3,000 bytes. */
const SERVER = `
import socket, threading
u6 = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); u6.bind(('::', 7000))
t = socket.socket(); t.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); t.bind(('', 80)); t.listen(64)
def echo():
  while True:
    data, who = u6.recvfrom(2000); u6.sendto(data + b'x' * 20, who)
def web():
  while True:
    c, _ = t.accept(); c.recv(1000); c.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 2961\\r\\n\\r\\n' + b'y' * 2961); c.close()
threading.Thread(target=echo, daemon=True).start()
print('ready', flush=True)
web()
`;

/** Answers every DNS question for an address with 203.0.113.9 for 300 s, on the gateway itself. */
const RESOLVER = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('10.1.0.1', 53))
print('ready', flush=True)
while True:
  q, who = s.recvfrom(600)
  s.sendto(q[:2] + b'\\x81\\x80\\0\\1\\0\\1\\0\\0\\0\\0' + q[12:] + b'\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\1\\x2c\\0\\4\\xcb\\0\\x71\\x09', who)
`;

/** Acknowledges each DHCP request for 10.1.0.77. */
const LEASES = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'left'); s.bind(('', 67))
print('ready', flush=True)
while True:
  q, who = s.recvfrom(1000)
  s.sendto(b'\\2' + q[1:16] + bytes([10, 1, 0, 77]) + q[20:240] + bytes([53, 1, 5, 255]), ('255.255.255.255', 68))
`;

/** A camera that has no address yet asks for one. */
const LEASED = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.bind(('', 68)); s.settimeout(10)
head = bytes([1, 1, 6, 0]) + bytes(24) + bytes([2, 0, 0, 0, 0, 0x77]) + bytes(202) + bytes([0x63, 0x82, 0x53, 0x63])
s.sendto(head + bytes([53, 1, 3, 12, 7]) + b'cam-hof' + bytes([60, 4]) + b'acme' + bytes([255]), ('255.255.255.255', 67)); s.recv(1000)
`;

const DATAGRAMS = 200;

const CLIENT = `
import socket
def talk(family, server, port):
  s = socket.socket(family, socket.SOCK_DGRAM); s.bind(('', port)); s.settimeout(10); s.connect((server, 7000))
  for i in range(${DATAGRAMS}):
    s.send(b'a' * (i + 1)); s.recv(2000)
talk(socket.AF_INET, '10.2.0.2', 40001)
talk(socket.AF_INET6, 'fd02::2', 40002)
for i in range(20):
  t = socket.create_connection(('10.2.0.2', 80), source_address=('', 41000 + i))
  t.sendall(b'GET / HTTP/1.1\\r\\nHost: camera.example\\r\\n\\r\\n')
  while t.recv(4096): pass
  t.close()
d = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); d.bind(('', 40003)); d.sendto(b'b' * 30, ('10.2.0.2', 99))
d = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); d.bind(('', 40004)); d.sendto(b'b' * 30, ('fd02::2', 99))
q = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); q.settimeout(10)
q.sendto(b'\\x12\\x34\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0\\6camera\\7example\\0\\0\\1\\0\\1', ('10.1.0.1', 53)); q.recv(600)
`;

const WAITING = `
import socket, time
t = socket.socket(); t.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); t.bind(('', 8443)); t.listen()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('', 5683))
c = socket.create_connection(('127.0.0.1', 8443), source_address=('', 20100)); a = t.accept()
print('ready', flush=True)
time.sleep(60)
`;

describe.skipIf(missing !== '')(`Observer on a gateway${missing === '' ? '' : ` (skipped: ${missing})`}`, () => {
  const network = new Network();
  const addresses = new AddressTable();
  const notes = new Notes(addresses);
  const troubles: ObserverTrouble[] = [];
  const observer = new Observer({
    sink: notes,
    addresses,
    now: () => Date.now() * 1_000,
    prefix: network.prefix('gateway'),
    onTrouble: (trouble) => troubles.push(trouble),
  });
  let macOfLeft = '';

  beforeAll(async () => {
    network.open();
    macOfLeft = network.run('left', 'cat', '/sys/class/net/eth0/address').trim();
    await network.begin('right', 'python3', '-c', SERVER);
    await network.begin('gateway', 'python3', '-c', RESOLVER);
    await network.begin('gateway', 'python3', '-c', LEASES);
    await observer.start();
    network.python('left', LEASED);
    network.python('left', CLIENT);
    network.run('gateway', 'ping', '-q', '-c', '3', '-i', '0.05', '10.2.0.2');
    network.run('gateway', 'conntrack', '-F');
    await until('all flows ended', () => notes.flows.filter(({ kind }) => kind === 'ended').length >= 24);
    await until('the last packet came', () => notes.packets.filter(({ protocol }) => protocol === 1).length >= 6);
    await until('both verdicts came', () => notes.verdicts.length >= 2);
  }, 240_000);

  afterAll(async () => {
    await observer.close();
    network.close();
  }, 60_000);

  const packetsOf = (from: string, to: string) => notes.packets.filter((one) => one.from === from && one.to === to);

  it.each([
    { from: '10.1.0.2 40001', to: '10.2.0.2 7000', headers: 28 },
    { from: 'fd01::2 40002', to: 'fd02::2 7000', headers: 48 },
  ])('tells each datagram from $from once, with its size', ({ from, to, headers }) => {
    const sizes = Array.from({ length: DATAGRAMS }, (_, at) => at + 1 + headers);
    expect(packetsOf(from, to).map(({ bytes }) => bytes)).toEqual(sizes);
    expect(packetsOf(to, from).map(({ packetSize }) => packetSize)).toEqual(sizes.map((size) => size + 20));
    expect(new Set(packetsOf(from, to).map(({ fromMac }) => fromMac))).toEqual(new Set([macOfLeft]));
  });

  it.each([
    { from: '10.1.0.2 40001', to: '10.2.0.2 7000', headers: 28 },
    { from: 'fd01::2 40002', to: 'fd02::2 7000', headers: 48 },
  ])('tells the flow from $from once, with its packets and bytes', ({ from, to, headers }) => {
    const flow = notes.flows.filter((one) => one.from === from);
    const out = (DATAGRAMS * (DATAGRAMS + 1)) / 2 + DATAGRAMS * headers;
    expect(flow.filter(({ kind }) => kind === 'began')).toMatchObject([
      { to, protocol: 17, isAnswered: false, mark: 0x12 },
    ]);
    expect(flow.filter(({ kind }) => kind === 'ended')).toMatchObject([
      { to, mark: 0x12, isAnswered: true, out: [DATAGRAMS, out], back: [DATAGRAMS, out + DATAGRAMS * 20] },
    ]);
    expect(new Set(flow.map(({ id }) => id)).size).toBe(1);
  });

  it('tells each TCP flow once, as many packets and bytes as it saw pass', () => {
    for (let port = 41_000; port < 41_020; port++) {
      const from = `10.1.0.2 ${port}`;
      const to = '10.2.0.2 80';
      const flow = notes.flows.filter((one) => one.from === from);
      expect(flow.filter(({ kind }) => kind === 'began')).toHaveLength(1);
      const out = packetsOf(from, to);
      const back = packetsOf(to, from);
      const sum = (packets: readonly { bytes: number }[]) => packets.reduce((total, { bytes }) => total + bytes, 0);
      expect(flow.filter(({ kind }) => kind === 'ended')).toMatchObject([
        { to, out: [out.length, sum(out)], back: [back.length, sum(back)] },
      ]);
      expect(flow.map(({ tcpState }) => tcpState)).toContain('established');
      expect(out.map(({ application }) => application)).toContain('http');
    }
  });

  it('does not know the wire size of TCP that is larger than the interface allows', () => {
    const large = packetsOf('10.2.0.2 80', '10.1.0.2 41000').filter(({ bytes }) => bytes > 1_500);
    expect(large.every(({ packetSize }) => packetSize === -1)).toBe(true);
    expect(large.length).toBeGreaterThan(0);
  });

  it('counts what the gateway itself sends, and what it is sent, once', () => {
    expect(packetsOf('10.2.0.1 -1', '10.2.0.2 -1')).toHaveLength(3);
    expect(packetsOf('10.2.0.2 -1', '10.2.0.1 -1')).toHaveLength(3);
  });

  it('tells names: a DNS answer of the gateway bound to its client, and a host that was asked for', () => {
    expect(notes.names).toContainEqual({
      kind: 'dns-answer',
      name: 'camera.example',
      value: '203.0.113.9',
      ttlSeconds: 300,
      client: '10.1.0.2',
      address: '203.0.113.9',
    });
    expect(notes.names.filter(({ kind }) => kind === 'http-host')[0]).toMatchObject({
      name: 'camera.example',
      client: '10.1.0.2',
    });
  });

  it('tells verdicts with the mark, ends and interfaces of the packet', () => {
    const shared = { mark: 0x10000007, prefix: 'picket', inInterface: 'left', outInterface: 'right', protocol: 17 };
    const four = notes.verdicts.find(({ from }) => from === '10.1.0.2 40003');
    const six = notes.verdicts.find(({ from }) => from === 'fd01::2 40004');
    expect(four).toMatchObject({ ...shared, to: '10.2.0.2 99', bytes: 58, tcpFlags: -1 });
    expect(six).toMatchObject({ ...shared, to: 'fd02::2 99', bytes: 78 });
    expect(notes.verdicts).toHaveLength(2);
    expect(four?.sourceMac).toBe(Number.parseInt(macOfLeft.replaceAll(':', ''), 16));
  });

  it('tells neighbours by ARP and neighbour discovery, once each', () => {
    const left = notes.neighbours.filter(({ mac }) => mac === macOfLeft);
    expect(left.filter(({ address }) => address === '10.1.0.2')).toMatchObject([{ origin: 'arp', interface: 'left' }]);
    expect(left.filter(({ address }) => address === 'fd01::2')).toMatchObject([{ origin: 'ndp', interface: 'left' }]);
    expect(notes.neighbours.filter(({ address }) => address.endsWith('.1'))).toEqual([]);
  });

  it('tells what a DHCP client says of itself, and the address that it is given', () => {
    expect(notes.neighbours.filter(({ origin }) => origin === 'dhcp')).toEqual([
      {
        origin: 'dhcp',
        mac: '02:00:00:00:00:77',
        address: '',
        interface: 'left',
        hostName: 'cam-hof',
        vendorClass: 'acme',
      },
      {
        origin: 'dhcp',
        mac: '02:00:00:00:00:77',
        address: '10.1.0.77',
        interface: 'left',
        hostName: '',
        vendorClass: '',
      },
    ]);
  });

  it('tells listeners and connections of a host with their programs', async () => {
    const server = await network.begin('right', 'python3', '-c', WAITING);
    const facts = await hostFacts({ addresses, prefix: network.prefix('right'), pid: server.pid ?? -1 });
    const own = facts.listeners.find(({ port }) => port === 8_443);
    expect(own).toMatchObject({ protocol: 6, pid: server.pid, user: 0, mayBeClient: false });
    expect(own?.program).toMatch(/^python/);
    expect(facts.listeners.filter(({ port }) => port === 5_683)).toMatchObject([{ protocol: 17, mayBeClient: false }]);
    const ends = facts.connections.map(({ localPort, remotePort, isInbound }) => ({
      localPort,
      remotePort,
      isInbound,
    }));
    expect(ends).toContainEqual({ localPort: 8_443, remotePort: 20_100, isInbound: true });
    expect(ends).toContainEqual({ localPort: 20_100, remotePort: 8_443, isInbound: false });
    expect(facts.defaultRoutes.map(({ gateway }) => addresses.text(gateway)).sort()).toEqual(['10.2.0.1', 'fd02::1']);
    expect(facts.interfaces.map(({ name }) => name).sort()).toEqual(['eth0', 'lo']);
    expect(facts).toMatchObject({ isCut: false });
  });

  it('says so when another program has the log group', async () => {
    const second = new Observer({ sink: notes, addresses, now: () => 0, prefix: network.prefix('gateway') });
    await expect(second.start()).rejects.toMatchObject({ code: 'in-use', source: 'verdicts' });
  });

  it('lost nothing and had no trouble', () => {
    expect(Object.values(observer.losses).every((count) => count === 0)).toBe(true);
    expect(troubles).toEqual([]);
    expect(notes.listings).toBeGreaterThan(0);
  });

  it('leaves no process when it is closed', async () => {
    await observer.close();
    expect([...childrenWith('tcpdump'), ...childrenWith('conntrack')]).toEqual([]);
  });
});
