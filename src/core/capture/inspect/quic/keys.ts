// Keys of a client's Initial packets, and opening one with them. Source: RFC 9001 sections 5.2 to 5.4, RFC 9369 section 3.3.
// They come from the connection id in the packet, so whoever sees the packet can open it: this undoes no secret.

import { ecb, gcm } from '@noble/ciphers/aes.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { u8 } from '../bytes.ts';
import type { Version } from './versions.ts';

export interface Keys {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly headerProtection: Uint8Array;
}

const SAMPLE_BYTES = 16;
const TAG_BYTES = 16;
/** The sample begins where the packet number would end if it had four bytes. */
const SAMPLE_OFFSET = 4;

/** The keys that protect what the client sends in Initial packets, from the first connection id that it chose for the server. */
export function clientKeys(version: Version, connectionId: Uint8Array): Keys {
  const secret = expandLabel(extract(sha256, connectionId, version.salt), 'client in', 32);
  return {
    key: expandLabel(secret, `${version.label} key`, 16),
    iv: expandLabel(secret, `${version.label} iv`, 12),
    headerProtection: expandLabel(secret, `${version.label} hp`, 16),
  };
}

/** HKDF-Expand-Label of RFC 8446 with an empty context. */
function expandLabel(secret: Uint8Array, label: string, length: number): Uint8Array {
  const text = `tls13 ${label}`;
  const info = new Uint8Array(4 + text.length);
  info[1] = length;
  info[2] = text.length;
  for (let at = 0; at < text.length; at++) info[3 + at] = text.charCodeAt(at);
  return expand(sha256, secret, info, length);
}

/** One packet: [from, to) with its packet number at `numberAt`. */
interface Sealed {
  readonly data: Uint8Array;
  readonly from: number;
  readonly numberAt: number;
  readonly to: number;
}

/** The frames of a packet, or null when it is too short or was not sealed with these keys. */
export function open(packet: Sealed, keys: Keys): Uint8Array | null {
  const { data, from, numberAt, to } = packet;
  const sampleAt = numberAt + SAMPLE_OFFSET;
  if (sampleAt + SAMPLE_BYTES > to) return null;
  const sample = data.slice(sampleAt, sampleAt + SAMPLE_BYTES);
  const mask = ecb(keys.headerProtection, { disablePadding: true }).encrypt(sample);
  const first = u8(data, from) ^ (u8(mask, 0) & 0x0f);
  const numberBytes = (first & 3) + 1;
  const payloadAt = numberAt + numberBytes;
  if (payloadAt + TAG_BYTES > to) return null;
  const header = data.slice(from, payloadAt);
  header[0] = first;
  const nonce = keys.iv.slice();
  for (let at = 0; at < numberBytes; at++) {
    const byte = u8(data, numberAt + at) ^ u8(mask, 1 + at);
    header[numberAt - from + at] = byte;
    const nonceAt = nonce.length - numberBytes + at;
    nonce[nonceAt] = u8(nonce, nonceAt) ^ byte;
  }
  return decrypt({ key: keys.key, nonce, header }, data.subarray(payloadAt, to));
}

/** Wrong keys and damaged bytes alike show in the tag, which the library tells by throwing. */
function decrypt(
  { key, nonce, header }: { key: Uint8Array; nonce: Uint8Array; header: Uint8Array },
  sealed: Uint8Array,
): Uint8Array | null {
  try {
    return gcm(key, nonce, header).decrypt(sealed);
  } catch {
    return null;
  }
}
