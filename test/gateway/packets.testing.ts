// IP packets as bytes with right lengths and checksums, as a stack would send them. Only what the gateway tests need.

import { parseAddress } from '#model';

export interface PacketSketch {
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** TCP only. */
  readonly flags?: number;
  readonly sequence?: number;
  readonly acknowledged?: number;
  readonly options?: Uint8Array;
  /** ICMP: kind and id. */
  readonly icmpKind?: number;
  readonly icmpCode?: number;
  readonly icmpId?: number;
  readonly payload?: Uint8Array;
  /** Hop limit or time to live. */
  readonly hops?: number;
}

const HOPS = 64;

export function packetOf(sketch: PacketSketch): Uint8Array {
  const from = bytesOf(sketch.from);
  const to = bytesOf(sketch.to);
  const isSix = sketch.from.includes(':');
  const ends = isSix ? [from, to] : [from.subarray(12), to.subarray(12)];
  const [source = from, destination = to] = ends;
  const body = bodyOf(sketch, pseudo(source, destination, sketch.protocol));
  return isSix ? six(source, destination, sketch, body) : four(source, destination, sketch, body);
}

function bytesOf(text: string): Uint8Array {
  const bytes = parseAddress(text);
  if (bytes === null) throw new Error(`no address: ${text}`);
  return bytes;
}

function four(
  source: Uint8Array,
  destination: Uint8Array,
  { protocol, hops = HOPS }: PacketSketch,
  body: Uint8Array,
): Uint8Array {
  const head = new Uint8Array(20);
  const view = new DataView(head.buffer);
  head[0] = 0x45;
  view.setUint16(2, 20 + body.length);
  head[8] = hops;
  head[9] = protocol;
  head.set(source, 12);
  head.set(destination, 16);
  view.setUint16(10, checksum(head, 0));
  return joined(head, body);
}

function six(
  source: Uint8Array,
  destination: Uint8Array,
  { protocol, hops = HOPS }: PacketSketch,
  body: Uint8Array,
): Uint8Array {
  const head = new Uint8Array(40);
  head[0] = 0x60;
  new DataView(head.buffer).setUint16(4, body.length);
  head[6] = protocol;
  head[7] = hops;
  head.set(source, 8);
  head.set(destination, 24);
  return joined(head, body);
}

function bodyOf(sketch: PacketSketch, ends: number): Uint8Array {
  const { protocol, payload = new Uint8Array(0) } = sketch;
  if (protocol === 6) return tcp(sketch, payload, ends);
  if (protocol === 17) return udp(sketch, payload, ends);
  if (protocol === 1 || protocol === 58) return icmp(sketch, payload, protocol === 58 ? ends : 0);
  return payload;
}

function tcp(sketch: PacketSketch, payload: Uint8Array, ends: number): Uint8Array {
  const { options = new Uint8Array(0) } = sketch;
  const body = joined(joined(new Uint8Array(20), options), payload);
  const view = new DataView(body.buffer);
  view.setUint16(0, sketch.sourcePort ?? 0);
  view.setUint16(2, sketch.destinationPort ?? 0);
  view.setUint32(4, sketch.sequence ?? 0);
  view.setUint32(8, sketch.acknowledged ?? 0);
  body[12] = ((20 + options.length) / 4) << 4;
  body[13] = sketch.flags ?? 0;
  view.setUint16(14, 64_240);
  view.setUint16(16, checksum(body, ends + body.length));
  return body;
}

function udp(sketch: PacketSketch, payload: Uint8Array, ends: number): Uint8Array {
  const body = joined(new Uint8Array(8), payload);
  const view = new DataView(body.buffer);
  view.setUint16(0, sketch.sourcePort ?? 0);
  view.setUint16(2, sketch.destinationPort ?? 0);
  view.setUint16(4, body.length);
  view.setUint16(6, checksum(body, ends + body.length) || 0xffff);
  return body;
}

function icmp(sketch: PacketSketch, payload: Uint8Array, ends: number): Uint8Array {
  const body = joined(new Uint8Array(8), payload);
  const view = new DataView(body.buffer);
  body[0] = sketch.icmpKind ?? 8;
  body[1] = sketch.icmpCode ?? 0;
  view.setUint16(4, sketch.icmpId ?? 1);
  view.setUint16(2, checksum(body, ends === 0 ? 0 : ends + body.length));
  return body;
}

function pseudo(source: Uint8Array, destination: Uint8Array, protocol: number): number {
  return sumOf(source) + sumOf(destination) + protocol;
}

function checksum(data: Uint8Array, start: number): number {
  let sum = start + sumOf(data);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

function sumOf(data: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < data.length; at += 2) sum += (data[at] ?? 0) * 256 + (data[at + 1] ?? 0);
  return sum;
}

function joined(head: Uint8Array, body: Uint8Array): Uint8Array {
  const whole = new Uint8Array(head.length + body.length);
  whole.set(head);
  whole.set(body, head.length);
  return whole;
}
