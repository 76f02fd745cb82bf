// Names and operations of log records as the facts that packets give, with the same texts. Not a reader: each format finds its own fields.

import type { AddressId, Instant, Mac, NameFact, NameKind, Observation } from '#model';
import { wireText, withoutFinalDot } from '../inspect/bytes.ts';
import type { OperationFact } from '../inspect/index.ts';
import type { LogSink } from './reader.ts';

/** Longest name handed on; DNS names end at 255 bytes, the others are client ids, topics and host names. */
const NAME_LENGTH_MAX = 1_024;
/** Different operations kept as shared arrays; further ones are made anew each time. */
const KEPT_MAX = 65_536;

/** No operation: one shared array. */
export const NO_OPERATIONS: readonly string[] = Object.freeze([]);

const kept = new Map<string, readonly string[]>();

/** The array that an observation with this one operation carries. */
function operationsOf(text: string): readonly string[] {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const made = Object.freeze([text]);
  if (kept.size < KEPT_MAX) kept.set(text, made);
  return made;
}

const fact: OperationFact = { protocol: '', source: -1, destination: -1, port: -1, operation: '' };

/**
 * Hands on one operation of a record whose ends `observation` holds: as a fact, and as an observation of no packets and no bytes, because
 * the connection's own record counts those. A judge sees the operation at its own instant; no meter counts anything twice.
 */
export function tellOperation(
  sink: LogSink,
  observation: Observation,
  { protocol, operation }: { readonly protocol: string; readonly operation: string },
): void {
  fact.protocol = protocol;
  fact.source = observation.source;
  fact.destination = observation.destination;
  fact.port = observation.destinationPort;
  fact.operation = operation;
  sink.operation?.(fact);
  observation.packets = 0;
  observation.bytes = 0;
  observation.application = protocol;
  observation.operations = operationsOf(`${protocol} ${operation}`);
  sink.observe(observation);
  observation.operations = NO_OPERATIONS;
}

/** Who used a name, and when. */
export interface NameEnds {
  readonly at: Instant;
  readonly client: AddressId;
  readonly server: AddressId;
  readonly clientMac: Mac;
  readonly port: number;
}

/** The ends of a name that the source of `observation` used. */
export function sourceEnds(observation: Observation): NameEnds {
  return {
    at: observation.at,
    client: observation.source,
    server: observation.destination,
    clientMac: observation.sourceMac,
    port: observation.destinationPort,
  };
}

/** Hands on a name that binds nothing. What is too long or empty is none: false. */
export function tellName(
  sink: LogSink,
  ends: NameEnds,
  { kind, name, value = '' }: { readonly kind: NameKind; readonly name: string; readonly value?: string },
): boolean {
  if (name === '' || name.length > NAME_LENGTH_MAX || value.length > NAME_LENGTH_MAX) return false;
  sink.name({ ...ends, kind, name: wireName(name), value, address: -1, ttlSeconds: 0 } satisfies NameFact);
  return true;
}

const ENCODER = new TextEncoder();

/** A name as packets give it: printable ASCII without a final dot, other bytes as \xNN. What the log wrote so already stays. */
export function wireName(text: string): string {
  if (/^[\x20-\x5b\x5d-\x7e]*$/.test(text)) return withoutFinalDot(text);
  const wire = text.replace(/\\x[0-9a-fA-F]{2}|[^\x20-\x5b\x5d-\x7e]/gu, (part) => {
    if (part.startsWith('\\x')) return part.toLowerCase();
    const bytes = ENCODER.encode(part);
    return wireText(bytes, 0, bytes.length);
  });
  return withoutFinalDot(wire);
}
