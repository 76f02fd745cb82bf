// Fuzz: single packets under every link layer, with all that looks at them: tunnels, fragments, flows, applications, names, operations.

import { expect, test } from 'vitest';
import { FlowTable, type Frame, PayloadInspector, TrafficReader, TunnelFlows } from '#capture';
import { AddressTable } from '#model';
import { ethernet, ip4, ip6, joined, pcapBytes, tcp, udp } from '../../src/core/capture/capture.testing.ts';
import { WITH_IP } from '../../src/core/capture/link/links.seeds.testing.ts';
import { CLOSED, OPEN } from '../../src/core/capture/tunnel/tunnels.seeds.testing.ts';
import { fuzz, HEAP_BYTES_MAX, reportOf, SEED } from './fuzz.testing.ts';

const INPUTS = 200_000;
/** Packets that one reader is shown; then a new one begins, so that a fault can be told from few packets. */
const PACKETS_OF_READER = 20_000;
const RAW = 101;
const ETHERNET = 1;

/** An input begins with the place of its link type in this list. */
const LINK_TYPES = [
  ...new Set([ETHERNET, RAW, 0, 9, 10, 108, 113, 192, 228, 229, 239, 276, ...WITH_IP.map(({ linkType }) => linkType)]),
];
const under = (linkType: number, data: Uint8Array): Uint8Array =>
  joined(Uint8Array.of(LINK_TYPES.indexOf(linkType)), data);

const part = (next: number, offset: number, data: Uint8Array): Uint8Array =>
  ip6(44, joined(Uint8Array.of(next, 0, offset >> 8, offset, 0, 0, 0, 9), data));

const SEEDS = [
  ...WITH_IP.map(({ linkType, data }) => under(linkType, data)),
  ...[...OPEN, ...CLOSED].map(({ packet }) => under(RAW, packet)),
  ...[...OPEN].map(({ packet }) =>
    under(
      ETHERNET,
      ethernet(0x0800, packet, [
        [0x88a8, 5],
        [0x8100, 7],
      ]),
    ),
  ),
  under(RAW, ip4(udp(new Uint8Array(64)).slice(0, 40), { fragment: 0x2000, id: 7 })),
  under(RAW, ip4(new Uint8Array(32), { fragment: 5, id: 7 })),
  under(RAW, part(17, 1, udp(new Uint8Array(32)))),
  under(RAW, part(17, 40, new Uint8Array(24))),
  under(
    RAW,
    ip6(
      0,
      joined(
        Uint8Array.of(43, 0, 0, 0, 0, 0, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0),
        tcp(new Uint8Array(4)),
      ),
    ),
  ),
  under(192, joined(Uint8Array.of(0, 0, 8, 0, 1, 0, 0, 0), ethernet(0x0800, ip4(udp(new Uint8Array(4)))))),
];

/** Readers of one address table, one a link type, which are shown packet after packet. */
class Readers {
  readonly #readers = new Map<number, TrafficReader>();
  readonly #addresses = new AddressTable();
  readonly #flows = new FlowTable(this.#addresses, 1_000);
  readonly #inside = new TunnelFlows(this.#addresses, 1_000);
  readonly #inspector = new PayloadInspector({
    addresses: this.#addresses,
    facts: { name: () => {}, operation: () => {} },
    conversationsMax: 256,
  });
  packets = 0;
  #answer = '';

  show(linkType: number, data: Uint8Array): string {
    this.packets++;
    this.#answer = 'nothing';
    const known = this.#readers.get(linkType);
    const reader = known ?? this.#newReader();
    if (known === undefined) reader.push(pcapBytes([], { linkType }));
    this.#readers.set(linkType, reader);
    reader.push(recordOf(data));
    if (this.packets % 1_000 === 0) this.#list();
    return `${linkType} ${this.#answer}`;
  }

  /** Every row must be written without an exception. */
  #list(): void {
    for (const line of this.#inside.lines()) if (line.split(',').length !== 26) throw new Error(`cells of ${line}`);
  }

  #newReader(): TrafficReader {
    return new TrafficReader({
      addresses: this.#addresses,
      inspector: this.#inspector,
      sink: {
        frame: (frame) => {
          this.#flows.add(frame);
          check(frame);
          const { ipVersion, protocol, application, isLaterFragment } = frame;
          const chain = frame.tunnel.replace(/ (0x)?[0-9a-f/]+(?= |$)/g, '');
          this.#answer = `${ipVersion} ${ipVersion === 0 ? '' : protocol} ${isLaterFragment} ${application} ${chain}`;
        },
        tunnel: (inside, outer) => {
          this.#inside.add(inside, outer);
          check(inside);
          this.#answer += ` ${inside.ipVersion} ${inside.protocol > 60 ? 61 : inside.protocol}`;
        },
      },
    });
  }
}

/** A packet record of a little-endian file: at second 1, both lengths those of the packet. */
function recordOf(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(16 + data.length);
  const view = new DataView(record.buffer);
  view.setUint32(0, 1, true);
  view.setUint32(8, data.length, true);
  view.setUint32(12, data.length, true);
  record.set(data, 16);
  return record;
}

/** What every frame must hold, whatever the bytes. */
function check(frame: Frame): void {
  const { payloadOffset, payloadCaptured, payloadLength, ipVersion, tunnel } = frame;
  if (ipVersion === 0) return;
  if (payloadCaptured < 0 || payloadLength < 0 || payloadOffset < 0) throw new Error('a payload of negative length');
  if (payloadCaptured > 0 && payloadOffset + payloadCaptured > frame.data.length)
    throw new Error('a payload outside its frame');
  if (!Number.isSafeInteger(frame.bytes) || frame.bytes < 0) throw new Error(`IP length ${frame.bytes}`);
  if (tunnel.split(' > ').length > 8) throw new Error(`tunnels without end: ${tunnel}`);
}

test(`packets are read whatever their bytes (PICKET_SEED=${SEED})`, { timeout: 1_200_000 }, () => {
  let readers = new Readers();
  const outcome = fuzz({
    inputs: INPUTS,
    seeds: SEEDS,
    setting: () => 0,
    run: (bytes) => {
      if (readers.packets >= PACKETS_OF_READER) readers = new Readers();
      return readers.show(LINK_TYPES[(bytes[0] ?? 0) % LINK_TYPES.length] ?? RAW, bytes.subarray(1));
    },
  });
  console.log(reportOf('packets', outcome));
  expect(outcome.faults).toEqual([]);
  expect(process.memoryUsage().heapUsed).toBeLessThan(HEAP_BYTES_MAX);
});
