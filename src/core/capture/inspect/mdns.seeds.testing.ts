// For the fuzzer: multicast DNS made by hand, for port 5353. Not part of the product.

import { bytes, dnsName, two } from './inspect.testing.ts';

const SERVICE = bytes(dnsName('Cam._http._tcp.local'));
const HOST = dnsName('cam.local');
const REST = [0x80, 1, 0, 0, 0, 120];

export const SEEDS: readonly Uint8Array[] = [
  bytes([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0], dnsName('_http._tcp.local'), two(12), two(1)),
  bytes(
    [0, 0, 0x84, 0, 0, 0, 0, 3, 0, 0, 0, 0],
    bytes(SERVICE, two(33), REST, two(6 + HOST.length), [0, 0, 0, 0], two(80), HOST),
    bytes(HOST, two(1), REST, two(4), [10, 0, 0, 7]),
    bytes(HOST, two(28), REST, two(16), [0xfe, 0x80], new Uint8Array(14)),
  ),
];
