// The CRYPTO data of one connection, put together from frames in any order. Bounded; where frames overlap, the bytes that came first stay.
// Not a TCP stream: there are no losses to wait for, the sender repeats what is missing.

import { type Cursor, readInteger } from './packet.ts';

/** A hello beyond this is not read further: post-quantum hellos are below 2,000 bytes. */
export const CRYPTO_BYTES_MAX = 16_384;
/** Frames walked of one packet. Each has at least a byte; senders that shuffle use a few dozen, padding not counted. */
const FRAMES_MAX = 512;
/** Ranges walked of one acknowledgement. */
const RANGES_MAX = 256;
const FIRST_BYTES = 2_048;
/** RFC 9000 section 19. */
const FRAME = { padding: 0, ping: 1, ack: 2, ackEcn: 3, close: 0x1c } as const;
/** In Google's own frames of Q050. */
const GOOGLE_PING = 7;

export class CryptoStream {
  #bytes = new Uint8Array(FIRST_BYTES);
  #isSet = new Uint8Array(FIRST_BYTES);
  #readyBytes = 0;

  /** The bytes from the beginning to the first that is missing; do not keep them. */
  get ready(): Uint8Array {
    return this.#bytes.subarray(0, this.#readyBytes);
  }

  /** Puts `data` at `offset`; what would lie beyond the bound is dropped. */
  add(offset: number, data: Uint8Array): void {
    if (offset >= CRYPTO_BYTES_MAX) return;
    const to = Math.min(CRYPTO_BYTES_MAX, offset + data.length);
    if (to > this.#bytes.length) this.#grow(to);
    for (let at = offset; at < to; at++) {
      if (this.#isSet[at] === 1) continue;
      this.#bytes[at] = data[at - offset] ?? 0;
      this.#isSet[at] = 1;
    }
    while (this.#isSet[this.#readyBytes] === 1) this.#readyBytes++;
  }

  #grow(size: number): void {
    let room = this.#bytes.length;
    while (room < size) room *= 2;
    const bytes = new Uint8Array(room);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    const isSet = new Uint8Array(room);
    isSet.set(this.#isSet);
    this.#isSet = isSet;
  }
}

/** Adds the CRYPTO frames of an opened packet; stops at the first frame that no Initial packet may carry. */
export function addFrames(stream: CryptoStream, frames: Uint8Array, cryptoFrame: number): void {
  const cursor: Cursor = { data: frames, at: 0, to: frames.length };
  for (let frame = 0; frame < FRAMES_MAX && cursor.at < cursor.to; frame++) {
    const kind = frames[cursor.at] ?? 0;
    if (kind === cryptoFrame) {
      cursor.at++;
      const offset = readInteger(cursor);
      const length = readInteger(cursor);
      if (cursor.at > cursor.to || length > cursor.to - cursor.at) return;
      stream.add(offset, frames.subarray(cursor.at, cursor.at + length));
      cursor.at += length;
    } else if (!skipFrame(cursor, kind)) return;
  }
}

/** Moves behind a frame that carries no handshake; false when it is none that is known here. */
function skipFrame(cursor: Cursor, kind: number): boolean {
  if (kind === FRAME.padding) {
    while (cursor.at < cursor.to && cursor.data[cursor.at] === FRAME.padding) cursor.at++;
    return true;
  }
  cursor.at++;
  if (kind === FRAME.ping || kind === GOOGLE_PING) return true;
  if (kind === FRAME.ack || kind === FRAME.ackEcn) return skipAcknowledgement(cursor, kind === FRAME.ackEcn);
  return false;
}

function skipAcknowledgement(cursor: Cursor, hasCounts: boolean): boolean {
  readInteger(cursor);
  readInteger(cursor);
  const ranges = readInteger(cursor);
  if (ranges > RANGES_MAX) return false;
  for (let number = 0; number < 1 + ranges * 2 + (hasCounts ? 3 : 0); number++) readInteger(cursor);
  return cursor.at <= cursor.to;
}
