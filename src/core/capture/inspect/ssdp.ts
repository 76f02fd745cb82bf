// Simple service discovery: what a device announces of itself, for recognising elements. Source: UPnP Device Architecture 2.0.
// Not the description behind its location, and not a proof: anyone on the link may announce anything. The Host header is read by http.ts.

import { findByte, startsWith, wireText } from './bytes.ts';
import { addName, type Decoder, type Found, noOperation, type Span } from './decoder.ts';
import { httpDecoder, isHeader } from './http.ts';

const SSDP_PORT = 1900;
/** Header lines read; announcements have about ten. */
const LINES_MAX = 64;
const VALUE_BYTES_MAX = 512;
const LF = 0x0a;
const CR = 0x0d;

export const ssdpDecoder: Decoder = {
  protocol: 'ssdp',
  isOverTcp: false,
  isOverUdp: true,
  firstBytes: ['N', 'M', 'H'].map((letter) => letter.charCodeAt(0)),
  claims: isSsdp,
  decode: decodeSsdp,
  operationText: noOperation,
};

/** A search, an announcement, or an answer; HTTP/1 is spoken over UDP by nothing else. */
export function isSsdp({ data, from, to, isTcp }: Span): boolean {
  if (isTcp) return false;
  return (
    startsWith(data, from, to, 'NOTIFY * HTTP/1.') ||
    startsWith(data, from, to, 'M-SEARCH * HTTP/1.') ||
    startsWith(data, from, to, 'HTTP/1.')
  );
}

function decodeSsdp(span: Span, found: Found): number {
  if (span.sourcePort === SSDP_PORT || span.destinationPort === SSDP_PORT) httpDecoder.decode(span, found);
  if (!startsWith(span.data, span.from, span.to, 'M-SEARCH')) readAnnouncement(span, found);
  return span.to - span.from;
}

interface Announcement {
  usn: string;
  location: string;
  server: string;
  isGoodbye: boolean;
}

function readAnnouncement({ data, from, to }: Span, found: Found): void {
  const said: Announcement = { usn: '', location: '', server: '', isGoodbye: false };
  let at = from;
  for (let line = 0; line < LINES_MAX && at < to; line++) {
    const feed = findByte(data, LF, at, to);
    const end = feed < 0 ? to : feed;
    readHeader(data, { from: at, to: data[end - 1] === CR ? end - 1 : end }, said);
    at = end + 1;
  }
  if (said.isGoodbye) return;
  if (said.usn !== '') tell(found, 'ssdp-device', said.usn, said.location);
  if (said.server !== '') tell(found, 'ssdp-server', said.server, '');
}

function readHeader(data: Uint8Array, { from, to }: { from: number; to: number }, said: Announcement): void {
  if (isHeader(data, from, to, 'usn:')) said.usn = headerValue(data, from + 4, to);
  else if (isHeader(data, from, to, 'location:')) said.location = headerValue(data, from + 9, to);
  else if (isHeader(data, from, to, 'server:')) said.server = headerValue(data, from + 7, to);
  else if (isHeader(data, from, to, 'nts:')) said.isGoodbye = headerValue(data, from + 4, to) === 'ssdp:byebye';
}

function headerValue(data: Uint8Array, from: number, to: number): string {
  return wireText(data, from, Math.min(to, from + VALUE_BYTES_MAX)).trim();
}

function tell(found: Found, kind: 'ssdp-device' | 'ssdp-server', name: string, value: string): void {
  addName(found, { kind, name, value, address: null, ttlSeconds: 0, isFromServer: false });
}
