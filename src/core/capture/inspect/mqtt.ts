// MQTT 3.1, 3.1.1 and 5: control packet types, the client id of CONNECT, the topics of PUBLISH, SUBSCRIBE and UNSUBSCRIBE.
// Not a broker: sessions, wills and quality of service are not followed. Source: OASIS MQTT 3.1.1 and 5.0.

import { startsWith, u8, u16, wireText } from './bytes.ts';
import {
  addName,
  addOperation,
  bothAsk,
  type Decoder,
  type Found,
  NEEDS_MORE,
  NOT_MINE,
  type Span,
} from './decoder.ts';

const MQTT_PORT = 1883;
const TYPE = { connect: 1, publish: 3, pubrel: 6, subscribe: 8, unsubscribe: 10 } as const;
/** Packets up to this size are waited for whole when their names need it; of larger ones only the type is told. */
const WAIT_BYTES_MAX = 16_384;
/** Topics read of one SUBSCRIBE. */
const TOPICS_MAX = 128;
/** A remaining length has at most four bytes, so do property lengths. */
const VARINT_BYTES_MAX = 4;

export const mqttDecoder: Decoder = {
  protocol: 'mqtt',
  isOverTcp: true,
  isOverUdp: false,
  ports: [MQTT_PORT],
  mayAsk: bothAsk,
  claims: (span) => hasValidFirstByte(u8(span.data, span.from)),
  decode: decodePacket,
  operationText: (code) => String(code),
};

/** Types 1 to 15 with the flag bits their type prescribes; PUBLISH may not claim quality 3. */
function hasValidFirstByte(byte: number): boolean {
  const type = byte >> 4;
  const flags = byte & 15;
  if (type === 0) return false;
  if (type === TYPE.publish) return (flags & 6) !== 6;
  const isMarked = type === TYPE.pubrel || type === TYPE.subscribe || type === TYPE.unsubscribe;
  // MQTT 3.1 gives these three a quality and a duplicate bit; the bit MQTT 3.1.1 wants set is that quality.
  return isMarked ? (flags & 2) === 2 : flags === 0;
}

/** A variable byte integer. `next` 0: bytes are missing; -1: it is longer than allowed. Reused, so that none is made per packet. */
const varint = { value: 0, next: 0 };

function readVarint(data: Uint8Array, from: number, to: number): void {
  varint.value = 0;
  varint.next = 0;
  let factor = 1;
  for (let index = 0; index < VARINT_BYTES_MAX; index++) {
    if (from + index >= to) return;
    const byte = u8(data, from + index);
    varint.value += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte < 0x80) {
      varint.next = from + index + 1;
      return;
    }
  }
  varint.next = -1;
}

function decodePacket(span: Span, found: Found): number {
  const { data, from, to } = span;
  if (!hasValidFirstByte(u8(data, from))) return NOT_MINE;
  const type = u8(data, from) >> 4;
  readVarint(data, from + 1, to);
  if (varint.next < 0) return NOT_MINE;
  if (varint.next === 0) return span.isFinal ? NOT_MINE : NEEDS_MORE;
  const body = varint.next;
  const length = body - from + varint.value;
  const isWaited = !span.isFinal && varint.value <= WAIT_BYTES_MAX && from + length > to && hasNames(type);
  const isPublishWaiting = type === TYPE.publish && to - body >= 2 && to - body >= 2 + u16(data, body);
  if (isWaited && !isPublishWaiting) return NEEDS_MORE;
  addOperation(found, type);
  readNames(type, { data, at: body, to: Math.min(to, from + length) }, found);
  return length;
}

function hasNames(type: number): boolean {
  return type === TYPE.connect || type === TYPE.publish || type === TYPE.subscribe || type === TYPE.unsubscribe;
}

interface Reader {
  readonly data: Uint8Array;
  readonly at: number;
  readonly to: number;
}

function readNames(type: number, body: Reader, found: Found): void {
  if (type === TYPE.connect) readClient(body, found);
  if (type === TYPE.publish) addText('mqtt-topic', body, found);
  if (type === TYPE.subscribe) readTopics(body, 1, found);
  if (type === TYPE.unsubscribe) readTopics(body, 0, found);
}

/** Protocol name, level 1, flags 1, keep-alive 2, in MQTT 5 properties, then the client id. */
function readClient(body: Reader, found: Found): void {
  const { data, to } = body;
  const level = body.at + 2 + u16(data, body.at);
  let at = level + 4;
  if (at > to) return;
  if (u8(data, level) >= 5) {
    readVarint(data, at, to);
    if (varint.next <= 0) return;
    at = varint.next + varint.value;
  }
  addText('mqtt-client', { data, at, to }, found);
}

/** Adds the text behind its 2-byte length at `body.at`; nothing when it is empty or runs out of the packet. */
function addText(kind: 'mqtt-client' | 'mqtt-topic', body: Reader, found: Found): void {
  const { data, at, to } = body;
  const end = at + 2 + u16(data, at);
  if (at + 2 > to || end > to || end === at + 2) return;
  addName(found, {
    kind,
    name: wireText(data, at + 2, end),
    value: '',
    address: null,
    ttlSeconds: 0,
    isFromServer: false,
  });
}

/**
 * Topics behind the packet id, each followed by `tail` bytes. MQTT 5 puts properties in front and the packet does not say which
 * version it is: the older form is taken when it fills the packet exactly with topics that are not empty.
 */
function readTopics(body: Reader, tail: number, found: Found): void {
  const { data, to } = body;
  let at = body.at + 2;
  if (!fitsTopics({ data, at, to }, tail)) {
    readVarint(data, at, to);
    if (varint.next <= 0) return;
    at = varint.next + varint.value;
  }
  for (let topic = 0; topic < TOPICS_MAX && at + 2 <= to; topic++) {
    addText('mqtt-topic', { data, at, to }, found);
    at += 2 + u16(data, at) + tail;
  }
}

function fitsTopics(body: Reader, tail: number): boolean {
  let at = body.at;
  for (let topic = 0; topic < TOPICS_MAX && at + 2 <= body.to; topic++) {
    const length = u16(body.data, at);
    if (length === 0) return false;
    at += 2 + length + tail;
  }
  return at === body.to;
}

/** Whether a CONNECT begins here. */
export function isMqttConnect(data: Uint8Array, from: number, to: number): boolean {
  if (data[from] !== TYPE.connect << 4) return false;
  readVarint(data, from + 1, to);
  const at = varint.next;
  return at > 0 && (startsWith(data, at, to, '\u0000\u0004MQTT') || startsWith(data, at, to, '\u0000\u0006MQIsdp'));
}
