// The gate: which packets of a host count, and with which ends.

import { describe, expect, it } from 'vitest';
import { PACKET_TYPE, TrafficReader } from '#capture';
import { AddressTable, NO_MAC } from '#model';
import { Crossing } from './crossing.ts';
import { FlowLines } from './flow-line.ts';
import type { Interface } from './interfaces.ts';
import { Translation } from './translation.ts';

const addresses = new AddressTable();
const OWN = '192.0.2.1';

const link = (index: number, more: Partial<Interface> = {}): Interface => ({
  name: `if${index}`,
  index,
  mac: NO_MAC,
  mtu: 1_400,
  isUp: true,
  isLoopback: false,
  kind: '',
  master: '',
  addresses: index === 2 ? [{ address: addresses.intern(OWN), prefixLength: 24 }] : [],
  ...more,
});

interface Sketch {
  readonly index?: number;
  readonly type?: number;
  readonly protocol?: number;
  readonly bytes?: number;
  readonly from: string;
  readonly to: string;
}

/** A pcap file of one cooked frame with an IPv4 packet. */
function captured({ index = 2, type = PACKET_TYPE.host, protocol = 17, bytes = 60, from, to }: Sketch): Uint8Array {
  const file = new Uint8Array(24 + 16 + 20 + 60);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0xa1b2c3d4);
  view.setUint16(4, 2);
  view.setUint16(6, 4);
  view.setUint32(16, 512);
  view.setUint32(20, 276);
  view.setUint32(32, 80);
  view.setUint32(36, 20 + bytes);
  view.setUint16(40, 0x0800);
  view.setUint32(44, index);
  view.setUint8(50, type);
  view.setUint8(60, 0x45);
  view.setUint16(62, bytes);
  view.setUint8(69, protocol);
  const ends = [from, to].map((end) => end.split(' '));
  for (const [at, [address = '', port]] of ends.entries()) {
    file.set(addresses.bytes(addresses.intern(address)).subarray(12), 72 + at * 4);
    view.setUint16(80 + at * 2, Number(port));
  }
  view.setUint8(92, 0x50);
  return file;
}

function told(gate: Crossing, sketch: Sketch): readonly string[] {
  const lines: string[] = [];
  const sink = {
    frame: (frame: {
      source: number;
      sourcePort: number;
      destination: number;
      destinationPort: number;
      packetSize: number;
    }) =>
      lines.push(
        `${addresses.text(frame.source)} ${frame.sourcePort} > ${addresses.text(frame.destination)} ${frame.destinationPort}, ${frame.packetSize}`,
      ),
  };
  new TrafficReader({ addresses, gate, inspector: null, sink }).push(captured(sketch));
  return lines;
}

function gateOver(interfaces: readonly Interface[], ...flows: readonly string[]): Crossing {
  const translation = new Translation();
  const lines = new FlowLines(addresses);
  for (const flow of flows) if (lines.read(flow)) translation.learn(lines.line);
  const gate = new Crossing(translation, () => {});
  gate.use(interfaces, null);
  return gate;
}

describe('Crossing', () => {
  const gate = gateOver([
    link(2),
    link(3),
    link(4, { isLoopback: true }),
    link(5, { kind: 'bridge' }),
    link(6, { master: 'if5' }),
  ]);
  const pass = { from: '10.0.0.1 5', to: '10.0.0.2 6' };
  const sent = { from: `${OWN} 5`, to: '10.0.0.2 6', type: PACKET_TYPE.outgoing };

  it.each([
    { what: 'what comes in', sketch: pass, isTold: true },
    { what: 'what comes in for another host', sketch: { ...pass, type: PACKET_TYPE.otherHost }, isTold: true },
    { what: 'what is passed on', sketch: { ...pass, type: PACKET_TYPE.outgoing }, isTold: false },
    { what: 'what this host sends', sketch: sent, isTold: true },
    { what: 'loopback', sketch: { ...pass, index: 4 }, isTold: false },
    { what: 'what this host sends itself', sketch: { ...sent, index: 4 }, isTold: false },
    { what: 'what a bridge hands up', sketch: { ...pass, index: 5 }, isTold: false },
    { what: 'what this host sends by a bridge', sketch: { ...sent, index: 5 }, isTold: true },
    { what: 'what comes in at a port', sketch: { ...pass, index: 6 }, isTold: true },
    { what: 'what this host sends, at the port', sketch: { ...sent, index: 6 }, isTold: false },
    { what: 'what comes in at an unknown interface', sketch: { ...pass, index: 70_000 }, isTold: true },
  ])('$what: $isTold', ({ sketch, isTold }) => {
    expect(told(gate, sketch)).toHaveLength(isTold ? 1 : 0);
  });

  it.each([
    { protocol: 6, bytes: 1_400, size: 1_400 },
    { protocol: 6, bytes: 1_401, size: -1 },
    { protocol: 17, bytes: 1_401, size: 1_401 },
  ])('gives protocol $protocol of $bytes bytes the packet size $size', ({ protocol, bytes, size }) => {
    expect(told(gate, { ...pass, protocol, bytes })).toEqual([`10.0.0.1 5 > 10.0.0.2 6, ${size}`]);
  });

  it('asks for the interfaces when one is not known, and only then', () => {
    let asked = 0;
    const asking = new Crossing(new Translation(), () => asked++);
    asking.use([link(2)], null);
    told(asking, pass);
    expect(asked).toBe(0);
    told(asking, { ...pass, index: 9 });
    expect(asked).toBe(1);
  });

  it('counts both ways on the interfaces that it is asked for, and nothing on others', () => {
    const asked = new Crossing(new Translation(), () => {});
    asked.use([link(2), link(3)], new Set(['if3']));
    expect(told(asked, pass)).toEqual([]);
    expect(told(asked, { ...pass, index: 3 })).toHaveLength(1);
  });
});

describe('Crossing with translation', () => {
  const HIDDEN = `ipv4 2 udp 17 29 src=10.0.0.9 dst=8.8.8.8 sport=5 dport=53 src=8.8.8.8 dst=${OWN} sport=53 dport=1024 id=1`;
  const ENDED = `[1.000000]\t[DESTROY] ${HIDDEN}`;
  const PLAIN = `[1.000000]\t[NEW] ipv4 2 udp 17 29 src=${OWN} dst=8.8.8.8 sport=1024 dport=53 src=8.8.8.8 dst=${OWN} sport=53 dport=1024 id=2`;
  const answer = { from: '8.8.8.8 53', to: `${OWN} 1024` };
  const out = { from: `${OWN} 1024`, to: '8.8.8.8 53', type: PACKET_TYPE.outgoing };

  it('tells an answer to a hidden client with its address, and its question once', () => {
    const gate = gateOver([link(2)], HIDDEN);
    expect(told(gate, answer)).toEqual(['8.8.8.8 53 > 10.0.0.9 5, 60']);
    expect(told(gate, { from: '10.0.0.9 5', to: '8.8.8.8 53' })).toEqual(['10.0.0.9 5 > 8.8.8.8 53, 60']);
    expect(told(gate, out)).toEqual([]);
    expect(told(gate, { ...answer, to: `${OWN} 1025` })).toEqual([`8.8.8.8 53 > ${OWN} 1025, 60`]);
  });

  it('still knows the last packets of a flow that ended, until the same ends talk untranslated', () => {
    expect(told(gateOver([link(2)], HIDDEN, ENDED), answer)).toEqual(['8.8.8.8 53 > 10.0.0.9 5, 60']);
    const anew = gateOver([link(2)], HIDDEN, ENDED, PLAIN);
    expect(told(anew, answer)).toEqual([`8.8.8.8 53 > ${OWN} 1024, 60`]);
    expect(told(anew, out)).toEqual([`${OWN} 1024 > 8.8.8.8 53, 60`]);
  });
});
