// DNS messages over UDP and TCP, and those of mDNS and LLMNR, which share the format: asked names, given addresses, canonical names.
// Not a resolver: what an answer means for a rule is decided elsewhere. Source: RFC 1035, RFC 3596.

import { addressText } from '#model';
import { u8, u16, u32, wireText } from './bytes.ts';
import {
  addName,
  type Decoder,
  type Found,
  type FoundName,
  NEEDS_MORE,
  NOT_MINE,
  noOperation,
  type Span,
} from './decoder.ts';
import { addDnscryptQuestion } from './hiding.ts';

export const DNS_PORT = 53;
const MDNS_PORT = 5353;
export const LLMNR_PORT = 5355;
export const HEADER_BYTES = 12;
export const TYPE = { a: 1, cname: 5, aaaa: 28, srv: 33 } as const;
export const CLASS_IN = 1;
/** RFC 1035: a name has at most 255 bytes; every pointer must also point backwards, so this many hops can never be honest. */
const POINTERS_MAX = 32;
const NAME_BYTES_MAX = 255;
/** Records read of one message; a 64 KiB message holds at most about 5,400 of the smallest, and honest ones a few dozen. */
export const RECORDS_MAX = 1_024;
/** Names a CNAME chain may pass through; resolvers give up between 8 and 16. */
const CHAIN_MAX = 16;
const LIFETIME_SECONDS_MAX = 2 ** 31 - 1;
const DOT = 0x2e;

export const dnsDecoder: Decoder = {
  protocol: 'dns',
  isOverTcp: true,
  isOverUdp: true,
  ports: [DNS_PORT, MDNS_PORT, LLMNR_PORT],
  claims: (span) => span.application === 'dns' || isDnsPort(span.destinationPort) || isDnsPort(span.sourcePort),
  decode: (span, found) => (span.isTcp ? decodeOverTcp(span, found) : readDatagram(span, found)),
  operationText: noOperation,
};

export function isDnsPort(port: number): boolean {
  return port === DNS_PORT || port === MDNS_PORT || port === LLMNR_PORT;
}

/** A message behind its 2-byte length. */
function decodeOverTcp(span: Span, found: Found): number {
  const { data, from, to } = span;
  if (to - from < 2) return NEEDS_MORE;
  const length = u16(data, from);
  if (length < HEADER_BYTES) return NOT_MINE;
  const isWhole = from + 2 + length <= to;
  if (!isWhole && !span.isFinal) return NEEDS_MORE;
  readMessage({ data, start: from + 2, to: Math.min(to, from + 2 + length), at: 0 }, mayBind(span), found);
  return 2 + length;
}

/** A message that fills its datagram. */
export function readDatagram(span: Span, found: Found): number {
  readMessage({ data: span.data, start: span.from, to: span.to, at: 0 }, mayBind(span), found);
  return span.to - span.from;
}

/** On the local link anyone may answer, and on another port anything may: what comes that way binds no name to an address. */
function mayBind({ sourcePort, destinationPort }: Span): boolean {
  if (isLinkPort(sourcePort) || isLinkPort(destinationPort)) return false;
  return sourcePort === DNS_PORT || destinationPort === DNS_PORT;
}

function isLinkPort(port: number): boolean {
  return port === MDNS_PORT || port === LLMNR_PORT;
}

/** Where reading stands: names are relative to `start`, nothing at or beyond `to` is read. */
export interface Reader {
  readonly data: Uint8Array;
  readonly start: number;
  readonly to: number;
  at: number;
}

/** Reads the message of `reader`; one that ends early gives what stood before its end. */
function readMessage(reader: Reader, isBinding: boolean, found: Found): void {
  const { data, start, to } = reader;
  if (to - start < HEADER_BYTES) return;
  const flags = u16(data, start + 2);
  const isAnswer = (flags & 0x8000) !== 0;
  const questions = u16(data, start + 4);
  if (questions === 0) return;
  found.transaction = u16(data, start);
  reader.at = start + HEADER_BYTES;
  const asked = readName(reader);
  if (asked === null || reader.at + 4 > to) return;
  const type = u16(data, reader.at);
  reader.at += 4;
  if (!isAnswer) {
    if (asked === '') return;
    addName(found, named('dns-query', asked, String(type), false));
    addDnscryptQuestion(found, asked);
    return;
  }
  for (let question = 1; question < Math.min(questions, RECORDS_MAX); question++) {
    if (readName(reader) === null || reader.at + 4 > to) return;
    reader.at += 4;
  }
  const answers = u16(data, start + 6);
  const count = Math.min(answers + u16(data, start + 8) + u16(data, start + 10), RECORDS_MAX);
  readRecords(reader, { asked, answers, count, isBinding }, found);
}

/**
 * Walks the records of all sections. Only an answer on the CNAME chain that begins at the asked name gives its address; other
 * addresses, such as those of name servers, are reported as text alone, so that nothing can bind the asked name to them.
 */
function readRecords(
  reader: Reader,
  question: { readonly asked: string; readonly answers: number; readonly count: number; readonly isBinding: boolean },
  found: Found,
): void {
  const chain = new Set([question.asked.toLowerCase()]);
  for (let record = 0; record < question.count; record++) {
    const owner = readName(reader);
    if (owner === null || reader.at + 10 > reader.to) return;
    const { data, at } = reader;
    const end = at + 10 + u16(data, at + 8);
    if (end > reader.to) return;
    const isAnswer = record < question.answers && u16(data, at + 2) === CLASS_IN;
    const isOnChain = isAnswer && chain.has(owner.toLowerCase());
    reader.at = at + 10;
    const answer = { type: u16(data, at), ttlSeconds: lifetimeSeconds(data, at + 4), end, asked: question.asked };
    if (isOnChain && answer.type === TYPE.cname) readCanonical(reader, answer, { chain, found });
    else readAddress(reader, answer, { isBound: isOnChain && question.isBinding, found });
    reader.at = end;
  }
}

/** RFC 2181, section 8: a lifetime with its top bit set is none. */
function lifetimeSeconds(data: Uint8Array, at: number): number {
  const seconds = u32(data, at);
  return seconds > LIFETIME_SECONDS_MAX ? 0 : seconds;
}

interface Answer {
  readonly type: number;
  readonly ttlSeconds: number;
  readonly end: number;
  readonly asked: string;
}

function readCanonical(
  reader: Reader,
  answer: Answer,
  to: { readonly chain: Set<string>; readonly found: Found },
): void {
  const canonical = readName(reader);
  if (canonical === null || canonical === '') return;
  if (to.chain.size < CHAIN_MAX) to.chain.add(canonical.toLowerCase());
  addName(to.found, named('dns-cname', answer.asked, canonical, true));
}

function readAddress(reader: Reader, answer: Answer, to: { readonly isBound: boolean; readonly found: Found }): void {
  const length = answer.end - reader.at;
  const isAddress = (answer.type === TYPE.a && length === 4) || (answer.type === TYPE.aaaa && length === 16);
  if (!isAddress || answer.asked === '') return;
  const address = sixteenBytes(reader.data, reader.at, length);
  addName(to.found, {
    kind: 'dns-answer',
    name: answer.asked,
    value: addressText(address),
    address: to.isBound ? address : null,
    ttlSeconds: to.isBound ? answer.ttlSeconds : 0,
    isFromServer: true,
  });
}

/** An address of 4 or 16 bytes in the 16-byte form of the address table. */
export function sixteenBytes(data: Uint8Array, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(16);
  if (length === 4) {
    bytes[10] = 0xff;
    bytes[11] = 0xff;
  }
  bytes.set(data.subarray(at, at + length), 16 - length);
  return bytes;
}

function named(kind: FoundName['kind'], name: string, value: string, isFromServer: boolean): FoundName {
  return { kind, name, value, address: null, ttlSeconds: 0, isFromServer };
}

/**
 * Reads the name at `reader.at` and moves behind it. Null when it is damaged: it runs out of the message, is too long, or a
 * pointer does not point backwards. A dot inside a label is escaped, so one label can never pass for two.
 */
export function readName(reader: Reader): string | null {
  const { data, start, to } = reader;
  let at = reader.at;
  let lowest = at;
  let hops = 0;
  // The root label at the end counts as well.
  let bytes = 1;
  let name = '';
  for (;;) {
    if (at >= to) return null;
    const length = u8(data, at);
    if (length === 0) break;
    if (length >= 0xc0) {
      const target = start + (u16(data, at) & 0x3fff);
      if (at + 2 > to || target >= lowest || ++hops > POINTERS_MAX) return null;
      if (hops === 1) reader.at = at + 2;
      lowest = target;
      at = target;
      continue;
    }
    bytes += length + 1;
    if (length > 63 || at + 1 + length > to || bytes > NAME_BYTES_MAX) return null;
    name += `${name === '' ? '' : '.'}${wireText(data, at + 1, at + 1 + length, DOT)}`;
    at += 1 + length;
  }
  if (hops === 0) reader.at = at + 1;
  return name;
}

/** Whether the bytes read as one whole DNS message and nothing else: strong enough evidence without a port. */
export function isWholeDnsMessage(data: Uint8Array, from: number, to: number): boolean {
  if (to - from < HEADER_BYTES + 5 || !hasPlausibleDnsHeader(data, from, to)) return false;
  const reader: Reader = { data, start: from, to, at: from + HEADER_BYTES };
  if (u16(data, from + 4) !== 1 || readName(reader) === null || reader.at + 4 > to) return false;
  if (u16(data, reader.at + 2) !== CLASS_IN) return false;
  reader.at += 4;
  const records = u16(data, from + 6) + u16(data, from + 8) + u16(data, from + 10);
  for (let record = 0; record < records; record++) {
    if (record > RECORDS_MAX || readName(reader) === null || reader.at + 10 > to) return false;
    reader.at += 10 + u16(data, reader.at + 8);
  }
  return reader.at === to;
}

/** Opcode 0 to 5, the reserved bit clear, not all counts empty and none absurd. */
export function hasPlausibleDnsHeader(data: Uint8Array, from: number, to: number): boolean {
  return ((u16(data, from + 2) >> 11) & 15) <= 5 && hasPlausibleNameHeader(data, from, to);
}

/** The same with any opcode: NetBIOS has more of them. */
export function hasPlausibleNameHeader(data: Uint8Array, from: number, to: number): boolean {
  if (to - from < HEADER_BYTES || (u16(data, from + 2) & 0x40) !== 0) return false;
  const counts = u16(data, from + 4) + u16(data, from + 6) + u16(data, from + 8) + u16(data, from + 10);
  return counts > 0 && counts <= RECORDS_MAX;
}
