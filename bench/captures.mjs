// Captures that benches measure on: our lab's recording over and over, and a million conversations made up from a seed.

import { readFileSync } from 'node:fs';

/** Bytes of a pcap file header and of a record header. */
const FILE_BYTES = 24;
const RECORD_BYTES = 16;

/** `packets` packets of the lab's recording over and over behind one file header; client ports are left as they are. */
export function mixedCapture(packets) {
  const capture = readFileSync(new URL('../lab/captures/site-normal.pcap', import.meta.url));
  const isLittle = capture.readUInt32LE(0) === 0xa1b2c3d4;
  const records = [];
  for (let at = FILE_BYTES; at + RECORD_BYTES <= capture.length; ) {
    const kept = isLittle ? capture.readUInt32LE(at + 8) : capture.readUInt32BE(at + 8);
    records.push(capture.subarray(at, at + RECORD_BYTES + kept));
    at += RECORD_BYTES + kept;
  }
  const parts = [capture.subarray(0, FILE_BYTES)];
  for (let packet = 0; packet < packets; packet++) parts.push(records[packet % records.length]);
  return Buffer.concat(parts);
}

const FRAME_BYTES = 54;

/** `flows` TCP conversations of one packet each way, in an order that has the answers far behind the questions. */
export function manyFlows(flows) {
  const size = RECORD_BYTES + FRAME_BYTES;
  const capture = Buffer.alloc(FILE_BYTES + 2 * flows * size);
  capture.writeUInt32LE(0xa1b2c3d4, 0);
  capture.writeUInt16LE(2, 4);
  capture.writeUInt16LE(4, 6);
  capture.writeUInt32LE(65_535, 16);
  capture.writeUInt32LE(1, 20);
  for (let packet = 0; packet < 2 * flows; packet++) {
    const flow = packet % flows;
    writeFrame(capture, FILE_BYTES + packet * size, { packet, flow, isAnswer: packet >= flows });
  }
  return capture;
}

function writeFrame(capture, at, { packet, flow, isAnswer }) {
  capture.writeUInt32LE(1_700_000_000 + Math.floor(packet / 10_000), at);
  capture.writeUInt32LE((packet % 10_000) * 100, at + 4);
  capture.writeUInt32LE(FRAME_BYTES, at + 8);
  capture.writeUInt32LE(FRAME_BYTES, at + 12);
  const ip = at + RECORD_BYTES + 14;
  capture.writeUInt16BE(0x0800, ip - 2);
  capture[ip] = 0x45;
  capture.writeUInt16BE(40, ip + 2);
  capture[ip + 8] = 64;
  capture[ip + 9] = 6;
  // Multiplying by an odd number gives each flow another pair of addresses and another port.
  const mixed = Math.imul(flow, 0x9e3779b1) >>> 0;
  const client = 0x0a000000 | (mixed & 0xffff);
  const server = 0xc6336400 | (mixed >>> 24);
  const port = 1_024 + (Math.floor(flow / 16) % 60_000);
  capture.writeUInt32BE((isAnswer ? server : client) >>> 0, ip + 12);
  capture.writeUInt32BE((isAnswer ? client : server) >>> 0, ip + 16);
  capture.writeUInt16BE(isAnswer ? 443 : port, ip + 20);
  capture.writeUInt16BE(isAnswer ? port : 443, ip + 22);
  capture[ip + 32] = 0x50;
  capture[ip + 33] = isAnswer ? 0x12 : 0x02;
}
