// For tests: QUIC packets made by hand and sealed as a client seals them. Not part of the product.

import { ecb, gcm } from '@noble/ciphers/aes.js';
import { u32 } from '../bytes.ts';
import { bytes, two } from '../inspect.testing.ts';
import { clientKeys } from './keys.ts';
import { versionOf } from './versions.ts';

export const VERSION_ONE = 1;
export const VERSION_TWO = 0x6b33_43cf;
/** The connection id of the samples in RFC 9001 and RFC 9369. */
export const SAMPLE_ID = fromHex('8394c8f03e515708');

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toHex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The CRYPTO frame of RFC 9001 appendix A.2: a hello for example.com. */
export const SAMPLE_FRAME = fromHex(
  '060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c' +
    '00000413011302010000c000000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d00170018' +
    '00100007000504616c706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559fedba753d' +
    'e171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e0403050306030203080408050806' +
    '002d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ffff08011001048000' +
    '75300901100f088394c8f03e51570806048000ffff',
);

/** The hello in that frame, with its message header. */
export const SAMPLE_HELLO = SAMPLE_FRAME.subarray(4);

/** A CRYPTO frame; offset and length in two bytes each. */
export function cryptoFrame(offset: number, data: Uint8Array, type = 6): Uint8Array {
  return bytes(type, two(offset | 0x4000), two(data.length | 0x4000), data);
}

export interface Initial {
  readonly frames: Uint8Array;
  readonly version?: number;
  /** The id that the packet names. */
  readonly id?: Uint8Array;
  /** The id that the keys come from. */
  readonly keyId?: Uint8Array;
  readonly token?: Uint8Array;
  readonly number?: number;
  /** Frames are padded to so many bytes. */
  readonly paddedTo?: number;
}

/** One sealed Initial packet of a client, with a packet number of four bytes. */
export function initial(sent: Initial): Uint8Array {
  const { version = VERSION_ONE, id = SAMPLE_ID, token = bytes(), number = 0 } = sent;
  const known = versionOf(version);
  if (known === undefined) throw new RangeError(`no version ${version}`);
  const keys = clientKeys(known, sent.keyId ?? id);
  const plain = new Uint8Array(Math.max(sent.paddedTo ?? 0, sent.frames.length, 20));
  plain.set(sent.frames);
  const numberBytes = [...four(number)];
  const length = plain.length + 16 + numberBytes.length;
  const header = bytes(
    [0xc3 | (known.initialType << 4), ...four(version), id.length],
    [...id, 0],
    [token.length, ...token],
    two(length | 0x4000),
    numberBytes,
  );
  const nonce = keys.iv.slice();
  for (const [at, byte] of numberBytes.entries()) nonce[8 + at] = (nonce[8 + at] ?? 0) ^ byte;
  const sealed = gcm(keys.key, nonce, header).encrypt(plain);
  const mask = ecb(keys.headerProtection, { disablePadding: true }).encrypt(sealed.slice(0, 16));
  header[0] = (header[0] ?? 0) ^ ((mask[0] ?? 0) & 0x0f);
  const numberAt = header.length - 4;
  for (let at = 0; at < 4; at++) header[numberAt + at] = (header[numberAt + at] ?? 0) ^ (mask[1 + at] ?? 0);
  return bytes(header, sealed);
}

function four(value: number): readonly number[] {
  return [...two(Math.floor(value / 0x1_0000)), ...two(value % 0x1_0000)];
}

/** The version number of four characters. */
export function textVersion(text: string): number {
  return u32(bytes(text), 0);
}

/** A CHLO message of Google QUIC for `host`, with another value before and behind the name. */
export function googleHello(host: string): Uint8Array {
  const little = (value: number): readonly number[] => [value & 0xff, value >> 8, 0, 0];
  const entries = bytes('PAD\0', little(3), 'SNI\0', little(3 + host.length), 'VER\0', little(7 + host.length));
  return bytes('CHLO', [3, 0, 0, 0], entries, '---', host, 'Q043');
}
