// What each decoder costs traffic that does not carry its protocol: the meter with all decoders against the meter without that one, on our lab's
// recording with that protocol's conversations left out.

import { readFileSync } from 'node:fs';
import { DECODERS, FlowTable, PayloadInspector, TrafficReader } from '#capture';
import { AddressTable } from '#model';
import { interleaved } from './measure.mjs';

const PACKETS = 200_000;
const CHUNK = 1 << 20;
const WARM_ROUNDS = 5;
const PCAP_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;

export async function bench() {
  const capture = readFileSync(new URL('../lab/captures/site-normal.pcap', import.meta.url));
  const rows = [];
  // The first contender would pay for what the compiler of the runtime learns.
  for (let round = 0; round < WARM_ROUNDS; round++) read(repeated(capture, new Set()), DECODERS);
  for (const decoder of DECODERS) {
    const bytes = repeated(capture, framesOf(capture, decoder));
    const others = DECODERS.filter((other) => other !== decoder);
    const seconds = await interleaved({ all: () => read(bytes, DECODERS), without: () => read(bytes, others) });
    rows.push({
      decoder: decoder.protocol,
      'CPU seconds with': seconds.all.toFixed(3),
      'CPU seconds without': seconds.without.toFixed(3),
      ratio: (seconds.all / seconds.without).toFixed(3),
    });
  }
  return {
    what: `the meter on ${PACKETS} packets that do not carry the protocol, with its decoder and without, median of interleaved rounds of CPU time`,
    rows,
  };
}

/** Numbers of the frames whose conversation is the decoder's by application or by port. */
function framesOf(capture, decoder) {
  const frames = new Set();
  const ports = new Set(decoder.ports ?? []);
  const frame = ({ index, application, sourcePort, destinationPort }) => {
    const isIts = application === decoder.protocol || ports.has(sourcePort) || ports.has(destinationPort);
    if (isIts) frames.add(index);
  };
  const addresses = new AddressTable();
  const inspector = new PayloadInspector({ addresses, facts: { name() {}, operation() {} } });
  const reader = new TrafficReader({ addresses, inspector, sink: { frame } });
  reader.push(capture);
  reader.end();
  return frames;
}

/** The recording's packets but those left out, over and over behind one file header. */
function repeated(capture, leftOut) {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.byteLength);
  const isLittle = view.getUint32(0, true) === 0xa1b2c3d4;
  const records = [];
  let index = 0;
  for (let at = PCAP_HEADER_BYTES; at + RECORD_HEADER_BYTES <= capture.length; ) {
    const length = RECORD_HEADER_BYTES + view.getUint32(at + 8, isLittle);
    index++;
    if (!leftOut.has(index)) records.push(capture.subarray(at, at + length));
    at += length;
  }
  const parts = [capture.subarray(0, PCAP_HEADER_BYTES)];
  for (let packet = 0; packet < PACKETS; packet++) parts.push(records[packet % records.length]);
  return Buffer.concat(parts);
}

function read(bytes, decoders) {
  const addresses = new AddressTable();
  const table = new FlowTable(addresses);
  const inspector = new PayloadInspector({ addresses, facts: { name() {}, operation() {} }, decoders });
  const reader = new TrafficReader({ addresses, inspector, sink: { frame: (frame) => table.add(frame) } });
  for (let at = 0; at < bytes.length; at += CHUNK) reader.push(bytes.subarray(at, at + CHUNK));
  const end = reader.end();
  if (end.packets !== PACKETS) throw new Error(`read ${end.packets} of ${PACKETS} packets`);
}
