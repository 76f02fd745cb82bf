// Reads a capture for tests and keeps copies of its frames. Not for users: it holds everything.

import { AddressTable } from '#model';
import type { Frame } from './frame.ts';
import { type CaptureEnd, TrafficReader } from './reader.ts';

export interface Read {
  readonly frames: readonly Frame[];
  readonly end: CaptureEnd;
  readonly addresses: AddressTable;
}

/** Reads `bytes` in chunks of `chunkBytes`. */
export function readAll(bytes: Uint8Array, chunkBytes = bytes.length): Read {
  const addresses = new AddressTable();
  const frames: Frame[] = [];
  const sink = { frame: (frame: Frame) => frames.push({ ...frame, data: frame.data.slice() }) };
  const reader = new TrafficReader({ addresses, inspector: null, sink });
  for (let at = 0; at < bytes.length; at += chunkBytes) reader.push(bytes.slice(at, at + chunkBytes));
  return { frames, end: reader.end(), addresses };
}

/** The only frame of a capture, for tests of one packet. */
export function readOne(bytes: Uint8Array): Frame {
  const [frame] = readAll(bytes).frames;
  if (frame === undefined) throw new Error('the capture of this test holds no packet');
  return frame;
}
