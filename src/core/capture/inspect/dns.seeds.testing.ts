// For the fuzzer: DNS messages made by hand, for port 53 and, as they are, for LLMNR. Not part of the product.

import { bytes, dnsName, two } from './inspect.testing.ts';

const QUESTION = bytes(dnsName('www.example.com'), two(1), two(1));
const HEAD = [0xc0, 12];
const TTL = [0, 0, 0, 60];
const ANSWER = bytes(
  [0, 1, 0x81, 0x80, 0, 1, 0, 3, 0, 1, 0, 1],
  QUESTION,
  [...HEAD, 0, 5, 0, 1, ...TTL, 0, 6, 3],
  'cdn',
  [0xc0, 16],
  [0xc0, 45, 0, 1, 0, 1, ...TTL, 0, 4, 192, 0, 2, 1],
  [0xc0, 45, 0, 28, 0, 1, ...TTL, 0, 16, 0x20, 1, 0xd, 0xb8, ...new Uint8Array(12)],
  [0xc0, 16, 0, 2, 0, 1, ...TTL, 0, 4, 1, 110, 0xc0, 16],
  [0, 0, 41, 4, 0xd0, ...TTL, 0, 0],
);

export const SEEDS: readonly Uint8Array[] = [
  bytes([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0], QUESTION),
  ANSWER,
  bytes(two(ANSWER.length), ANSWER),
  bytes([0, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0], dnsName('2.dnscrypt-cert.example.com'), two(16), two(1)),
  bytes(
    [0, 3, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0],
    dnsName('a.b'),
    [0, 65, 0, 1],
    HEAD,
    [0, 65, 0, 1],
    TTL,
    [0, 6, 0, 1, 0, 0, 1, 0],
  ),
];
