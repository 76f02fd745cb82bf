// Server names and fingerprints of QUIC clients: opens their Initial packets, puts the hello together, tells each once.
// Bounded in connections, bytes and decryptions; never reads what a server sends, nor anything that is really secret.

import type { Instant } from '#model';
import type { Decoder, Found, Span } from '../decoder.ts';
import { noOperation } from '../decoder.ts';
import { HANDSHAKE_HEADER_BYTES, helloLength, readHello, serverName } from '../hello.ts';
import { addHello, addServerName } from '../hello-facts.ts';
import { addFrames, CRYPTO_BYTES_MAX, CryptoStream } from './crypto-stream.ts';
import { googleName, isGooglePacket, nameOf } from './google.ts';
import { clientKeys, type Keys, open } from './keys.ts';
import { isLongHeader, type Packet, readPacket } from './packet.ts';

/** Conversations remembered; the one silent longest goes first, and may then be told again. At most 32 KiB each while a hello is open. */
export const CONNECTIONS_MAX = 1_024;
/** Packets opened, or tried to, of one conversation: a hello comes in two or three, and whatever fails was no client's. */
export const DECRYPTIONS_MAX = 24;
/** Packets of one datagram. */
const PACKETS_MAX = 8;
/** After so much silence the ports may be used by another connection, which is read anew (docs/semantics.md, session idle time of UDP). */
const IDLE_MICROS = 180_000_000;
/** Header, version and random of a hello: what tells two hellos apart. */
const IDENTITY_BYTES = HANDSHAKE_HEADER_BYTES + 34;

/** Bytes that a packet with its version in it may begin with: a long header, or Google's public header. */
const FIRST_BYTES = Array.from({ length: 256 }, (_, byte) => byte).filter(
  (byte) => byte >= 0xc0 || (byte & 0xc3) === 1,
);

/** What is known of one client's side of a conversation. */
interface Connection {
  lastAt: Instant;
  decryptions: number;
  /** The connection id whose keys were right, and the keys; null before. */
  keyed: { readonly id: Uint8Array; readonly version: number; readonly keys: Keys } | null;
  /** The id that the server chose, once a packet under it was opened. */
  laterId: Uint8Array | null;
  /** Null when the hello is whole or given up. */
  stream: CryptoStream | null;
  /** The beginning of the hello that was told. */
  identity: Uint8Array | null;
  isNameTold: boolean;
  isHelloTold: boolean;
}

export class QuicReader implements Decoder {
  readonly protocol = 'quic';
  readonly isOverTcp = false;
  readonly isOverUdp = true;
  readonly firstBytes = FIRST_BYTES;
  readonly operationText = noOperation;
  readonly #connections = new Map<string, Connection>();

  claims(span: Span): boolean {
    return isQuic(span);
  }

  decode(span: Span, found: Found): number {
    const { data, to } = span;
    if (isGooglePacket(data, span.from, to)) this.#readGoogle(span, found);
    let at = span.from;
    for (let number = 0; number < PACKETS_MAX && at < to; number++) {
      const packet = readPacket(data, at, to);
      if (packet === null) break;
      if (packet.isInitial) this.#readInitial({ packet, from: at, span }, found);
      at = packet.to;
    }
    return to - span.from;
  }

  #readGoogle(span: Span, found: Found): void {
    const name = googleName(span.data, span.from, span.to);
    if (name === '') return;
    const connection = this.#connectionOf(span);
    if (connection === null || connection.isNameTold) return;
    connection.isNameTold = true;
    addServerName(found, name);
  }

  #readInitial(sealed: { packet: Packet; from: number; span: Span }, found: Found): void {
    const { packet, span } = sealed;
    const connection = this.#connectionOf(span);
    if (connection === null || isOver(connection, packet)) return;
    const frames = openInitial(connection, sealed);
    const { stream } = connection;
    if (frames === null || stream === null) return;
    addFrames(stream, frames, packet.version.cryptoFrame);
    if (packet.version.handshake === 'google') tellGoogle(connection, stream, found);
    else tellHello(connection, stream, { found, span });
  }

  /** The sender's side of the conversation; null when the other end is known as the client. */
  #connectionOf(span: Span): Connection | null {
    const from = `${span.source} ${span.sourcePort}`;
    const to = `${span.destination} ${span.destinationPort}`;
    if (this.#connections.get(`${to} ${from}`)?.keyed) return null;
    const key = `${from} ${to}`;
    let connection = this.#connections.get(key);
    if (connection === undefined || Math.abs(span.at - connection.lastAt) >= IDLE_MICROS) connection = newConnection();
    connection.lastAt = span.at;
    this.#connections.delete(key);
    this.#connections.set(key, connection);
    if (this.#connections.size > CONNECTIONS_MAX) this.#dropOldest();
    return connection;
  }

  #dropOldest(): void {
    for (const key of this.#connections.keys()) {
      this.#connections.delete(key);
      return;
    }
  }
}

/** Whether a QUIC packet whose version is known begins here. */
export function isQuic({ data, from, to, isTcp }: Span): boolean {
  return !isTcp && (isLongHeader(data, from, to) || isGooglePacket(data, from, to));
}

function newConnection(): Connection {
  return {
    lastAt: 0,
    decryptions: 0,
    keyed: null,
    laterId: null,
    stream: null,
    identity: null,
    isNameTold: false,
    isHelloTold: false,
  };
}

/** Whether this packet can tell nothing new: its connection's hello is done with. */
function isOver({ keyed, laterId, stream }: Connection, { destinationId, versionNumber }: Packet): boolean {
  if (keyed === null || stream !== null || keyed.version !== versionNumber) return false;
  return isSame(keyed.id, destinationId) || (laterId !== null && isSame(laterId, destinationId));
}

/**
 * The frames of an Initial packet. Under an id that is new, it may belong to the connection at hand, whose server chose that id, or begin
 * another: after a Retry, or on the same ports.
 */
function openInitial(
  connection: Connection,
  { packet, from, span }: { packet: Packet; from: number; span: Span },
): Uint8Array | null {
  const sealed = { data: span.data, from, numberAt: packet.numberAt, to: packet.to };
  const { keyed } = connection;
  if (keyed !== null) {
    const keys = keyed.version === packet.versionNumber ? keyed.keys : clientKeys(packet.version, keyed.id);
    const frames = tryOpen(connection, () => open(sealed, keys));
    if (frames !== null) {
      connection.keyed = { id: keyed.id, version: packet.versionNumber, keys };
      if (!isSame(keyed.id, packet.destinationId)) connection.laterId = packet.destinationId;
      return frames;
    }
    if (isSame(keyed.id, packet.destinationId)) return null;
  }
  const keys = connection.decryptions < DECRYPTIONS_MAX ? clientKeys(packet.version, packet.destinationId) : null;
  const frames = keys === null ? null : tryOpen(connection, () => open(sealed, keys));
  if (keys === null || frames === null) return null;
  connection.keyed = { id: packet.destinationId, version: packet.versionNumber, keys };
  connection.laterId = null;
  connection.stream = new CryptoStream();
  return frames;
}

/** Spends one decryption, or gives null when all are spent. */
function tryOpen(connection: Connection, attempt: () => Uint8Array | null): Uint8Array | null {
  if (connection.decryptions >= DECRYPTIONS_MAX) return null;
  connection.decryptions++;
  return attempt();
}

function tellHello(connection: Connection, stream: CryptoStream, { found, span }: { found: Found; span: Span }): void {
  const hello = stream.ready;
  const name = serverName(hello);
  const length = helloLength(hello);
  if (hello.length >= IDENTITY_BYTES) identify(connection, hello.slice(0, IDENTITY_BYTES));
  if (typeof name === 'string' && !connection.isNameTold) {
    connection.isNameTold = true;
    addServerName(found, name);
  }
  if (length >= 0 && hello.length >= length) {
    connection.stream = null;
    const fields = readHello(hello.subarray(HANDSHAKE_HEADER_BYTES, length));
    if (fields !== null && !connection.isHelloTold) addHello(found, fields, { transport: 'q', span });
    connection.isHelloTold = true;
  } else if (length > CRYPTO_BYTES_MAX || hello.length >= CRYPTO_BYTES_MAX) connection.stream = null;
}

/** A hello that is not the one told before, as after a Retry, is told anew. */
function identify(connection: Connection, identity: Uint8Array): void {
  if (connection.identity !== null && isSame(connection.identity, identity)) return;
  connection.identity = identity;
  connection.isNameTold = false;
  connection.isHelloTold = false;
}

function tellGoogle(connection: Connection, stream: CryptoStream, found: Found): void {
  const name = nameOf(stream.ready, 0, stream.ready.length);
  if (name === '') return;
  connection.stream = null;
  if (connection.isNameTold) return;
  connection.isNameTold = true;
  addServerName(found, name);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
