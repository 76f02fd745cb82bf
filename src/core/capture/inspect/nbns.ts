// NetBIOS name service: the names that a host registers for itself or answers for. Source: RFC 1001, RFC 1002.
// Not the session or datagram service, and no binding: on the local link anyone may answer.

import { addressText } from '#model';
import { u8, u16, wireText } from './bytes.ts';
import { addName, type Decoder, type Found, noOperation, type Span } from './decoder.ts';
import { HEADER_BYTES, hasPlausibleNameHeader, type Reader, readName, sixteenBytes } from './dns.ts';

const NBNS_PORT = 137;
const NAME_BYTES = 32;
/** Fifteen characters, and one byte that says which service. */
const TEXT_BYTES = 15;
const FIRST_NIBBLE = 0x41;
const TYPE_NAME = 0x20;
const OPCODE = { query: 0, registration: 5, refresh: 8, refreshToo: 9, multihomed: 15 } as const;
const FLAG = { response: 0x8000, group: 0x8000 } as const;
const ADDRESS_BYTES = 6;

export const nbnsDecoder: Decoder = {
  protocol: 'nbns',
  isOverTcp: false,
  isOverUdp: true,
  ports: [NBNS_PORT],
  claims: isNbns,
  decode: decodeNbns,
  operationText: noOperation,
};

/** A header of name services, and a first name in the half-byte letters that only NetBIOS uses. */
export function isNbns({ data, from, to, isTcp }: Span): boolean {
  const at = from + HEADER_BYTES;
  if (isTcp || at + 2 + NAME_BYTES > to || u8(data, at) !== NAME_BYTES) return false;
  if (!hasPlausibleNameHeader(data, from, to)) return false;
  for (let index = 1; index <= NAME_BYTES; index++) {
    const nibble = u8(data, at + index) - FIRST_NIBBLE;
    if (nibble < 0 || nibble > 15) return false;
  }
  return true;
}

/** A registration names its sender in the additional record, a positive answer in the first one; both stand behind at most one question. */
function decodeNbns(span: Span, found: Found): number {
  const { data, from, to } = span;
  const flags = u16(data, from + 2);
  const isAnswer = (flags & FLAG.response) !== 0;
  const opcode = (flags >> 11) & 15;
  if (isAnswer ? opcode === OPCODE.query : isRegistration(opcode)) readRecord(span, found);
  return to - from;
}

function isRegistration(opcode: number): boolean {
  return (
    opcode === OPCODE.registration ||
    opcode === OPCODE.refresh ||
    opcode === OPCODE.refreshToo ||
    opcode === OPCODE.multihomed
  );
}

function readRecord({ data, from, to }: Span, found: Found): void {
  const reader: Reader = { data, start: from, to, at: from + HEADER_BYTES };
  const name = nameText(data, reader.at + 1);
  if (u16(data, from + 4) > 0) {
    if (readName(reader) === null) return;
    reader.at += 4;
  }
  if (readName(reader) === null || reader.at + 10 + ADDRESS_BYTES > to) return;
  const { at } = reader;
  const isGroup = (u16(data, at + 10) & FLAG.group) !== 0;
  if (u16(data, at) !== TYPE_NAME || u16(data, at + 8) < ADDRESS_BYTES || isGroup || name === '') return;
  const value = addressText(sixteenBytes(data, at + 12, 4));
  addName(found, { kind: 'nbns-host', name, value, address: null, ttlSeconds: 0, isFromServer: false });
}

/** The name without the blanks that fill it, and without its service byte. */
function nameText(data: Uint8Array, at: number): string {
  const bytes = Uint8Array.from({ length: TEXT_BYTES }, (_, index) => {
    const high = u8(data, at + index * 2) - FIRST_NIBBLE;
    return (high << 4) | (u8(data, at + index * 2 + 1) - FIRST_NIBBLE);
  });
  return wireText(bytes, 0, TEXT_BYTES).replace(/(?: |\\x00)+$/, '');
}
