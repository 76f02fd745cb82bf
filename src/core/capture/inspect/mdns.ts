// Multicast DNS: questions as in dns.ts, and the names that a host announces for itself and its services. Source: RFC 6762, RFC 6763, RFC 2782.
// Nothing here binds a name to an address for policy: on the local link anyone may answer.

import { addressText } from '#model';
import { u16, u32 } from './bytes.ts';
import { addName, type Decoder, type Found, noOperation, type Span } from './decoder.ts';
import { CLASS_IN, HEADER_BYTES, RECORDS_MAX, type Reader, readDatagram, readName, sixteenBytes, TYPE } from './dns.ts';
import { isDnscryptAnswer } from './hiding.ts';

export const MDNS_PORT = 5353;
const FLAG_RESPONSE = 0x8000;
/** The top bit of the class says that older records are to be forgotten. */
const CLASS_MASK = 0x7fff;
const SRV_HEADER_BYTES = 6;
const SUFFIX = '.local';

export const mdnsDecoder: Decoder = {
  protocol: 'mdns',
  isOverTcp: false,
  isOverUdp: true,
  ports: [MDNS_PORT],
  claims: (span) => isMdnsPort(span) && !isDnscryptAnswer(span),
  decode: decodeMdns,
  operationText: noOperation,
};

export function isMdnsPort({ sourcePort, destinationPort }: Span): boolean {
  return sourcePort === MDNS_PORT || destinationPort === MDNS_PORT;
}

function decodeMdns(span: Span, found: Found): number {
  const { data, from, to } = span;
  readDatagram(span, found);
  if (to - from >= HEADER_BYTES && (u16(data, from + 2) & FLAG_RESPONSE) !== 0) readAnnouncements(span, found);
  return to - from;
}

function readAnnouncements({ data, from, to }: Span, found: Found): void {
  const reader: Reader = { data, start: from, to, at: from + HEADER_BYTES };
  const questions = Math.min(u16(data, from + 4), RECORDS_MAX);
  for (let question = 0; question < questions; question++) {
    if (readName(reader) === null || reader.at + 4 > to) return;
    reader.at += 4;
  }
  const count = Math.min(u16(data, from + 6) + u16(data, from + 8) + u16(data, from + 10), RECORDS_MAX);
  for (let record = 0; record < count; record++) {
    const owner = readName(reader);
    if (owner === null || reader.at + 10 > to) return;
    const end = reader.at + 10 + u16(data, reader.at + 8);
    if (end > to) return;
    tellRecord(reader, { owner, end }, found);
    reader.at = end;
  }
}

/** `reader` stands at the record's type. A lifetime of 0 says goodbye. */
function tellRecord(reader: Reader, { owner, end }: { owner: string; end: number }, found: Found): void {
  const { data, at } = reader;
  const type = u16(data, at);
  if (!isLocal(owner) || (u16(data, at + 2) & CLASS_MASK) !== CLASS_IN || u32(data, at + 4) === 0) return;
  reader.at = at + 10;
  const length = end - reader.at;
  if ((type === TYPE.a && length === 4) || (type === TYPE.aaaa && length === 16))
    tell(found, 'mdns-host', owner, addressText(sixteenBytes(data, reader.at, length)));
  if (type !== TYPE.srv || length <= SRV_HEADER_BYTES) return;
  const port = u16(data, reader.at + 4);
  reader.at += SRV_HEADER_BYTES;
  const host = readName(reader);
  if (host !== null && isLocal(host)) tell(found, 'mdns-service', owner, `${host}:${port}`);
}

function isLocal(name: string): boolean {
  return name.toLowerCase().endsWith(SUFFIX) && name.length > SUFFIX.length;
}

/** The announcer is the client: it says this of itself. */
function tell(found: Found, kind: 'mdns-host' | 'mdns-service', name: string, value: string): void {
  addName(found, { kind, name, value, address: null, ttlSeconds: 0, isFromServer: false });
}
