// Writes small pcap files for the commands' tests: Ethernet with IPv4 or IPv6, TCP or UDP. Not a general writer.

export interface Packet {
  /** Seconds since 1970. */
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly protocol?: 'tcp' | 'udp';
  /** TCP flags; default ACK. */
  readonly flags?: number;
  readonly payload?: Uint8Array;
}

export const SYN = 2;
export const SYN_ACK = 18;
export const ACK = 16;

/** Little-endian, microseconds, Ethernet. */
export function pcap(packets: readonly Packet[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(1, 20);
  return Buffer.concat([header, ...packets.map(record)]);
}

function record(packet: Packet): Buffer {
  const frame = packet.from.includes(':') ? frame6(packet) : frame4(packet);
  const head = Buffer.alloc(16);
  const seconds = Math.floor(packet.at);
  head.writeUInt32LE(seconds >>> 0, 0);
  head.writeUInt32LE(Math.round((packet.at - seconds) * 1e6), 4);
  head.writeUInt32LE(frame.length, 8);
  head.writeUInt32LE(frame.length, 12);
  return Buffer.concat([head, frame]);
}

function frame4(packet: Packet): Buffer {
  const transport = transportOf(packet);
  const ip = Buffer.alloc(20);
  ip[0] = 0x45;
  ip.writeUInt16BE(20 + transport.length, 2);
  ip[8] = 64;
  ip[9] = packet.protocol === 'udp' ? 17 : 6;
  ip.set(packet.from.split('.').map(Number), 12);
  ip.set(packet.to.split('.').map(Number), 16);
  return Buffer.concat([ethernet(packet, 0x0800), ip, transport]);
}

/** Addresses are written as `2001:db8::N` with one short last group. */
function frame6(packet: Packet): Buffer {
  const transport = transportOf(packet);
  const ip = Buffer.alloc(40);
  ip[0] = 0x60;
  ip.writeUInt16BE(transport.length, 4);
  ip[6] = packet.protocol === 'udp' ? 17 : 6;
  ip[7] = 64;
  ip.set(address6(packet.from), 8);
  ip.set(address6(packet.to), 24);
  return Buffer.concat([ethernet(packet, 0x86dd), ip, transport]);
}

function address6(text: string): Buffer {
  const bytes = Buffer.from('20010db8000000000000000000000000', 'hex');
  bytes.writeUInt16BE(Number.parseInt(text.split('::')[1] ?? '0', 16), 14);
  return bytes;
}

/** The MAC of an end ends in the last number of its address. */
function ethernet(packet: Packet, type: number): Buffer {
  const bytes = Buffer.from('020000000000020000000000', 'hex');
  bytes[5] = lastNumber(packet.to);
  bytes[11] = lastNumber(packet.from);
  const kind = Buffer.alloc(2);
  kind.writeUInt16BE(type);
  return Buffer.concat([bytes, kind]);
}

function lastNumber(address: string): number {
  return Number(address.split(/[.:]/).at(-1));
}

function transportOf(packet: Packet): Buffer {
  const payload = packet.payload ?? new Uint8Array(0);
  const isUdp = packet.protocol === 'udp';
  const head = Buffer.alloc(isUdp ? 8 : 20);
  head.writeUInt16BE(packet.fromPort ?? 0, 0);
  head.writeUInt16BE(packet.toPort ?? 0, 2);
  if (isUdp) head.writeUInt16BE(8 + payload.length, 4);
  else {
    head[12] = 0x50;
    head[13] = packet.flags ?? ACK;
  }
  return Buffer.concat([head, payload]);
}

/** A camera (10.0.3.21) that opens a stream to the recorder (10.0.3.10:554), `packets` data packets a second apart. */
export function cameraStream(begin: number, packets = 3): Packet[] {
  const out = { from: '10.0.3.21', to: '10.0.3.10', fromPort: 40_000, toPort: 554 };
  const back = { from: out.to, to: out.from, fromPort: out.toPort, toPort: out.fromPort };
  return [
    { ...out, at: begin, flags: SYN },
    { ...back, at: begin + 0.01, flags: SYN_ACK },
    ...Array.from({ length: packets }, (_, at) => ({ ...out, at: begin + 1 + at, payload: Buffer.alloc(200) })),
  ];
}
