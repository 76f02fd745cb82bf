// DHCP: the host name a client gives itself (option 12) and its vendor class (option 60). Source: RFC 2131, RFC 2132.
// Not DHCPv6: its client name option is encoded as a DNS name and no capture at hand carries one.

import { u8, u32, wireText, withoutFinalDot } from './bytes.ts';
import { addName, type Decoder, type Found, noOperation, type Span } from './decoder.ts';

const REQUEST = 1;
const REPLY = 2;
const OPTIONS_OFFSET = 240;
const MAGIC_COOKIE = 0x63825363;
const OPTION = { pad: 0, hostName: 12, vendorClass: 60, end: 255 } as const;
/** Options walked; a datagram of 1,500 bytes holds at most 630. */
const OPTIONS_MAX = 1_024;

export const dhcpDecoder: Decoder = {
  protocol: 'dhcp',
  isOverTcp: false,
  isOverUdp: true,
  firstBytes: [REQUEST, REPLY],
  claims: (span) => isDhcp(span.data, span.from, span.to),
  decode: decodeDhcp,
  operationText: noOperation,
};

/** The magic cookie at its place, behind a request or a reply. */
export function isDhcp(data: Uint8Array, from: number, to: number): boolean {
  const operation = u8(data, from);
  return (
    to - from >= OPTIONS_OFFSET &&
    (operation === REQUEST || operation === REPLY) &&
    u32(data, from + 236) === MAGIC_COOKIE
  );
}

function decodeDhcp(span: Span, found: Found): number {
  const { data, from, to } = span;
  let host = '';
  let vendor = '';
  let at = from + OPTIONS_OFFSET;
  for (let option = 0; option < OPTIONS_MAX && at < to; option++) {
    const code = u8(data, at);
    if (code === OPTION.end) break;
    if (code === OPTION.pad) {
      at++;
      continue;
    }
    const end = at + 2 + u8(data, at + 1);
    if (at + 2 > to || end > to) break;
    if (code === OPTION.hostName) host = optionText(data, at + 2, end);
    if (code === OPTION.vendorClass) vendor = optionText(data, at + 2, end);
    at = end;
  }
  if (host !== '')
    addName(found, { kind: 'dhcp-host', name: host, value: vendor, address: null, ttlSeconds: 0, isFromServer: false });
  return to - from;
}

/** Some clients end the text with zero bytes. */
function optionText(data: Uint8Array, from: number, to: number): string {
  let end = to;
  while (end > from && data[end - 1] === 0) end--;
  return withoutFinalDot(wireText(data, from, end));
}
