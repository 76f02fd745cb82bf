// Tunnels: what each is called, what is found inside, what is not taken for one, and how deep is looked.

import { describe, expect, it } from 'vitest';
import { AddressTable } from '#model';
import { ip4, pcapBytes } from '../capture.testing.ts';
import { TrafficReader } from '../reader.ts';
import { Chains } from './chains.ts';
import { KIND, kindText, NO_NUMBER } from './kinds.ts';
import { by, CLOSED, FRAME, IP, OPEN, of, SIX, to, words } from './tunnels.seeds.testing.ts';

interface Found {
  readonly tunnel: string;
  readonly inside: readonly string[];
}

/** Reads one raw IP packet; what is inside as `tunnel source:port`. */
function look(packet: Uint8Array): Found {
  const addresses = new AddressTable();
  const inside: string[] = [];
  let tunnel = '';
  const reader = new TrafficReader({
    addresses,
    inspector: null,
    sink: {
      frame: (frame) => {
        tunnel = frame.tunnel;
      },
      tunnel: (inner) => inside.push(`${inner.tunnel}: ${addresses.text(inner.source)} ${inner.sourcePort}`),
    },
  });
  reader.push(pcapBytes([{ data: packet }], { linkType: 101 }));
  return { tunnel, inside };
}

const NONE: readonly { readonly name: string; readonly packet: Uint8Array }[] = [
  { name: 'an ordinary datagram', packet: IP },
  { name: 'VXLAN without its flag', packet: to(4789, words(0, 42 * 256), FRAME) },
  { name: 'VXLAN that is too short', packet: to(4789, words(0x0800_0000), of(0, 0, 42)) },
  { name: 'Geneve whose options are too long', packet: to(6081, words(0x3f00_0800, 42 * 256), IP) },
  { name: 'Geneve of another version', packet: to(6081, words(0x4000_0800, 42 * 256), IP) },
  { name: 'a GTP echo', packet: to(2152, words(0x3201_0004, 0, 0)) },
  { name: 'GTP of another version', packet: to(2152, words(0x50ff_0030, 9), IP) },
  { name: 'L2TP control', packet: to(1701, of(0xc8, 2, 0, 12, 0, 5, 0, 9, 0, 0, 0, 0)) },
  { name: 'a session of no number', packet: by(115, words(0), FRAME) },
  { name: 'IKE on the port of ESP', packet: to(4500, words(0, 1, 2, 3)) },
  { name: 'what keeps a way open', packet: to(4500, of(0xff)) },
  { name: 'ESP without an association', packet: by(50, words(0, 1)) },
  { name: 'AH without an association', packet: by(51, words(0x0404_0000, 0, 1)) },
  { name: 'WireGuard that begins', packet: to(51820, words(0x0100_0000), new Uint8Array(144)) },
  { name: 'GRE of another version', packet: by(47, of(0, 2, 8, 0), IP) },
  { name: 'GRE cut in its header', packet: by(47, of(0x20, 0, 8, 0, 0, 0, 0)) },
  { name: 'a packet of no version in a packet', packet: by(4, of(0x55, 0, 0, 0)) },
  { name: 'Teredo too short for a packet', packet: to(3544, SIX.slice(0, 39)) },
];

describe('Tunnels', () => {
  it.each(OPEN)('names $tunnel and finds what is inside', ({ tunnel, packet, source = '172.16.0.1' }) => {
    expect(look(packet)).toEqual({ tunnel, inside: [`${tunnel}: ${source} 5000`] });
  });

  it.each(CLOSED)('names $tunnel where nothing more can be told', ({ tunnel, packet }) => {
    expect(look(packet)).toEqual({ tunnel, inside: [] });
  });

  it.each(NONE)('does not take $name for a tunnel', ({ packet }) => {
    expect(look(packet)).toEqual({ tunnel: '', inside: [] });
  });

  it('reads nothing beyond the packet, wherever it is cut', () => {
    for (const { packet } of [...OPEN, ...CLOSED])
      for (let length = 20; length < packet.length; length += 3) {
        const cut = packet.slice(0, length);
        expect(look(cut)).toEqual(lookFollowed(cut));
      }
  });

  it('names the tunnels inside tunnels from the outermost on', () => {
    const gtp = to(2152, words(0x30ff_0030, 9), by(47, of(0, 0, 8, 0), IP));
    expect(look(gtp)).toEqual({
      tunnel: 'gtp 0x00000009 > gre',
      inside: ['gtp 0x00000009: 10.0.0.1 -1', 'gtp 0x00000009 > gre: 172.16.0.1 5000'],
    });
  });

  it.each([
    { nested: 7, found: 7 },
    { nested: 8, found: 8 },
    { nested: 9, found: 8 },
    { nested: 60, found: 8 },
  ])('looks into $found of $nested tunnels', ({ nested, found }) => {
    let packet = IP;
    for (let depth = 0; depth < nested; depth++) packet = by(4, packet);
    const { tunnel, inside } = look(packet);
    expect(inside.length).toBe(found);
    expect(tunnel.split(' > ').length).toBe(found);
  });

  it('looks into no later fragment', () => {
    expect(look(ip4(IP, { protocol: 4, fragment: 0x0010 }))).toEqual({ tunnel: '', inside: [] });
    expect(look(ip4(IP, { protocol: 4, fragment: 0x2000 })).tunnel).toBe('4in4');
  });
});

/** The same packet with other bytes behind it in the buffer. */
function lookFollowed(packet: Uint8Array): Found {
  const addresses = new AddressTable();
  const inside: string[] = [];
  const tunnels: string[] = [];
  const sink = {
    frame: (frame: { readonly tunnel: string }) => tunnels.push(frame.tunnel),
    tunnel: (inner: { readonly tunnel: string; readonly source: number; readonly sourcePort: number }) => {
      if (tunnels.length === 1) inside.push(`${inner.tunnel}: ${addresses.text(inner.source)} ${inner.sourcePort}`);
    },
  };
  const reader = new TrafficReader({ addresses, inspector: null, sink });
  reader.push(pcapBytes([{ data: packet }, { data: FRAME }, { data: IP }], { linkType: 101 }));
  return { tunnel: tunnels[0] ?? '', inside };
}

describe('Chains', () => {
  it('lie in one network whatever numbers one direction has', () => {
    const chains = new Chains();
    const up = chains.push(0, KIND.gtp, 1);
    const down = chains.push(0, KIND.gtp, 2);
    expect(chains.network(up)).toBe(chains.network(down));
    expect(chains.text(up)).not.toBe(chains.text(down));
    expect(chains.network(chains.push(0, KIND.vxlan, 1))).not.toBe(chains.network(chains.push(0, KIND.vxlan, 2)));
    expect(chains.network(0)).toBe(0);
  });

  it('tell tunnels without their numbers when there are too many', () => {
    const chains = new Chains();
    for (let number = 0; number < 40_000; number++) chains.push(0, KIND.gtp, number);
    expect(chains.text(chains.push(0, KIND.gtp, 7))).toBe('gtp 0x00000007');
    expect(chains.text(chains.push(0, KIND.gtp, 99_999))).toBe('gtp');
    expect(chains.text(chains.push(0, KIND.esp, 99_999))).toBe('esp');
    for (let chain = 1; chain <= 5_000; chain++) chains.push(chain, KIND.gre, NO_NUMBER);
    expect(chains.push(6_000, KIND.gre, NO_NUMBER)).toBe(6_000);
  });

  it('write the highest number exactly', () => {
    expect(kindText(KIND.gre, 2 ** 32 - 1)).toBe('gre 4294967295');
    expect(kindText(KIND.l2tp, 2 ** 32 - 1)).toBe('l2tp 65535/65535');
  });
});
