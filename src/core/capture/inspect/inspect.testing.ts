// For tests: hand-made bytes, spans and frames. Not part of the product.

import { AddressTable, type NameFact, PROTOCOL } from '#model';
import { type Frame, newFrame } from '../frame.ts';
import { type Decoder, type Found, newFound, newSpan, type Span } from './decoder.ts';
import { PayloadInspector } from './inspector.ts';
import type { OperationFact } from './teller.ts';

export type Part = number | string | Uint8Array | readonly number[];

/** Bytes from numbers and ASCII text, in order. */
export function bytes(...parts: readonly Part[]): Uint8Array {
  const all: number[] = [];
  for (const part of parts) {
    if (typeof part === 'number') all.push(part);
    else if (typeof part === 'string') all.push(...[...part].map((char) => char.charCodeAt(0)));
    else all.push(...part);
  }
  return Uint8Array.from(all);
}

/** Two bytes, big-endian. */
export function two(value: number): readonly number[] {
  return [(value >> 8) & 0xff, value & 0xff];
}

/** A DNS name without compression. */
export function dnsName(name: string): Uint8Array {
  const labels = name === '' ? [] : name.split('.');
  return bytes(...labels.flatMap((label): (number | string)[] => [label.length, label]), 0);
}

export function span(data: Uint8Array, more: Partial<Span> = {}): Span {
  return Object.assign(newSpan(), { data, from: 0, to: data.length, ...more });
}

/** What one call of a decoder finds. */
export function decodeOnce(
  decoder: Decoder,
  data: Uint8Array,
  more: Partial<Span> = {},
): { length: number; found: Found } {
  const found = newFound();
  const length = decoder.decode(span(data, more), found);
  return { length, found };
}

/** `kind name value` of each name. */
export function namesOf(found: Found): readonly string[] {
  return found.names.map(({ kind, name, value }) => `${kind} ${name} ${value}`.trimEnd());
}

/** Text of each operation, with its protocol. */
export function operationsOf(decoder: Decoder, { operations, words }: Found): readonly string[] {
  return operations.map((code) => {
    const protocol = decoder.operationProtocol?.(code) ?? decoder.protocol;
    return `${protocol} ${decoder.operationText(code, words)}`;
  });
}

/** A ClientHello for `host` in one record. */
export function clientHello(host: string, padding = 0): Uint8Array {
  const name = bytes(two(host.length + 3), 0, two(host.length), host);
  const extensions = bytes([0, 21], two(padding), new Uint8Array(padding), [0, 0], two(name.length), name);
  const body = bytes([3, 3], new Uint8Array(32), 0, two(2), [0x13, 1], [1, 0], two(extensions.length), extensions);
  return bytes([22, 3, 1], two(body.length + 4), 1, 0, two(body.length), body);
}

/** One Modbus/TCP unit. */
export function modbusUnit(unit: number, code: number, data: readonly number[] = [0, 0, 0, 1]): Uint8Array {
  return bytes([0, 1, 0, 0], two(data.length + 2), unit, code, data);
}

export interface Sent {
  readonly data: Uint8Array;
  readonly source?: string;
  readonly destination?: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly protocol?: number;
  readonly sequence?: number;
  readonly tcpFlags?: number;
  /** Bytes kept of the payload; all when absent. */
  readonly captured?: number;
  readonly at?: number;
}

/** An inspector with everything it said. */
export class Bench {
  readonly addresses = new AddressTable();
  readonly names: NameFact[] = [];
  readonly operations: string[] = [];
  readonly inspector: PayloadInspector;
  readonly frame: Frame = newFrame();

  constructor(conversationsMax = 64, isLive = false) {
    const facts = {
      name: (fact: NameFact) => void this.names.push(fact),
      operation: (fact: OperationFact) => void this.operations.push(`${fact.protocol} ${fact.operation}`),
    };
    this.inspector = new PayloadInspector({ addresses: this.addresses, facts, conversationsMax, isLive });
  }

  /** Shows one packet; from 10.0.0.1 port 40000 to 10.0.0.2 port 80 over TCP unless told otherwise. */
  send(sent: Sent): Frame {
    const { frame } = this;
    const captured = sent.captured ?? sent.data.length;
    frame.index++;
    frame.at = sent.at ?? 0;
    frame.ipVersion = 4;
    frame.source = this.addresses.intern(sent.source ?? '10.0.0.1');
    frame.destination = this.addresses.intern(sent.destination ?? '10.0.0.2');
    frame.sourcePort = sent.sourcePort ?? 40_000;
    frame.destinationPort = sent.destinationPort ?? 80;
    frame.protocol = sent.protocol ?? PROTOCOL.tcp;
    frame.tcpFlags = frame.protocol === PROTOCOL.tcp ? (sent.tcpFlags ?? 16) : -1;
    frame.tcpSequence = sent.sequence ?? 0;
    frame.data = bytes([1, 2, 3], sent.data.subarray(0, captured));
    frame.payloadOffset = 3;
    frame.payloadCaptured = captured;
    frame.payloadLength = sent.data.length;
    this.inspector.inspect(frame);
    return frame;
  }

  /** The answer direction of `send`. */
  answer(sent: Sent): Frame {
    return this.send({
      ...sent,
      source: sent.source ?? '10.0.0.2',
      destination: sent.destination ?? '10.0.0.1',
      sourcePort: sent.sourcePort ?? 80,
      destinationPort: sent.destinationPort ?? 40_000,
    });
  }

  /** `kind name value` of each name so far. */
  get found(): readonly string[] {
    return this.names.map(({ kind, name, value }) => `${kind} ${name} ${value}`.trimEnd());
  }
}
