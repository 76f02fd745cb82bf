// JA4: the fingerprint of a client by what its hello offers. Source: JA4 technical details by FoxIO, of which only this method (TLS client)
// is free under BSD-3; none of the other methods of that suite is here. Not a judgement: many programs share a fingerprint.

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { EXTENSION, type Hello } from './hello.ts';

/** First letter of a fingerprint: TLS over TCP, QUIC, DTLS. */
export type Transport = 't' | 'q' | 'd';

const VERSIONS: ReadonlyMap<number, string> = new Map([
  [0x0304, '13'],
  [0x0303, '12'],
  [0x0302, '11'],
  [0x0301, '10'],
  [0x0300, 's3'],
  [0x0002, 's2'],
  [0xfeff, 'd1'],
  [0xfefd, 'd2'],
  [0xfefc, 'd3'],
]);
const HASH_CHARS = 12;
const NOTHING = '0'.repeat(HASH_CHARS);
const COUNT_MAX = 99;

/** The fingerprint of a hello, for instance `t13d1516h2_8daaf6152771_e5627efa2ab1`. */
export function ja4(hello: Hello, transport: Transport): string {
  const ciphers = hello.ciphers.filter(isMeant);
  const extensions = hello.extensions.filter(isMeant);
  const hasName = extensions.includes(EXTENSION.serverName);
  const head = `${transport}${versionOf(hello)}${hasName ? 'd' : 'i'}${count(ciphers)}${count(extensions)}${protocolOf(hello)}`;
  return `${head}_${hash(sorted(ciphers))}_${hash(extensionText(extensions, hello))}`;
}

/** RFC 8701: values like 0x0a0a and 0xfafa are sent to keep servers tolerant, and mean nothing. */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}

function isMeant(value: number): boolean {
  return !isGrease(value);
}

/** The best version: DTLS counts downwards, but its lists begin with the best, and the highest number is what the method asks for. */
function versionOf({ version, supportedVersions }: Hello): string {
  const offered = supportedVersions.filter(isMeant);
  const best = offered.length > 0 ? Math.max(...offered) : version;
  return VERSIONS.get(best) ?? '00';
}

function count(values: readonly number[]): string {
  return String(Math.min(values.length, COUNT_MAX)).padStart(2, '0');
}

/** First and last character of the first application protocol; of its hexadecimal text where either is no letter or digit. */
function protocolOf({ applicationProtocols }: Hello): string {
  const [first] = applicationProtocols;
  const begin = first?.[0];
  const end = first?.at(-1);
  if (first === undefined || begin === undefined || end === undefined) return '00';
  if (isAlphanumeric(begin) && isAlphanumeric(end)) return String.fromCharCode(begin, end);
  return `${(begin >> 4).toString(16)}${(end & 15).toString(16)}`;
}

function isAlphanumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}

/** Server name and application protocols have their place in the head already. */
function extensionText(extensions: readonly number[], hello: Hello): string {
  const kinds = extensions.filter((kind) => kind !== EXTENSION.serverName && kind !== EXTENSION.applicationProtocols);
  const algorithms = hello.signatureAlgorithms.filter(isMeant);
  if (kinds.length === 0) return '';
  return algorithms.length === 0 ? sorted(kinds) : `${sorted(kinds)}_${algorithms.map(hex).join(',')}`;
}

function sorted(values: readonly number[]): string {
  return values.map(hex).sort().join(',');
}

function hex(value: number): string {
  return value.toString(16).padStart(4, '0');
}

function hash(text: string): string {
  return text === '' ? NOTHING : bytesToHex(sha256(utf8ToBytes(text))).slice(0, HASH_CHARS);
}
