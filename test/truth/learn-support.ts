// From the shared captures to observations, for the learner's tests. Not the product's own way of reading files.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { PayloadInspector, TrafficReader, ZeekReader } from '#capture';
import { Engine } from '#engine';
import {
  type AddressTable,
  type Instant,
  type NameFact,
  newVerdict,
  type Observation,
  type Policy,
  reasonsOf,
  type Verdict,
} from '#model';

export const CAPTURES = join(process.env.PICKET_SHARED ?? '../shared', 'traffic', 'captures');
export const hasData = existsSync(CAPTURES);
export const NEEDED = hasData ? '' : ' (skipped: no shared traffic here)';

export interface TrafficTaker {
  observe(observation: Observation, index: number): void;
  name(fact: NameFact): void;
}

export function bytesOf(path: string): Uint8Array {
  return bytesAt(join(CAPTURES, path));
}

/** The bytes of any file, unzipped; of a damaged archive what there is. */
export function bytesAt(path: string): Uint8Array {
  const bytes = readFileSync(path);
  return path.endsWith('.gz') ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes;
}

/** Reads one capture. `index` is the number of the frame in the file. */
export function readCapture(path: string, addresses: AddressTable, taker: TrafficTaker): void {
  readBytes(bytesOf(path), addresses, taker);
}

export function readBytes(bytes: Uint8Array, addresses: AddressTable, taker: TrafficTaker): void {
  const inspector = new PayloadInspector({
    addresses,
    facts: { name: (fact) => taker.name(fact), operation: () => undefined },
  });
  const reader = new TrafficReader({
    addresses,
    inspector,
    sink: { frame: (frame) => (frame.ipVersion === 0 ? undefined : taker.observe(frame, frame.index)) },
  });
  reader.push(bytes);
  reader.end();
}

/** Reads one connection log. Observations of one record are copied, since the reader reuses its own. */
export function readLog(
  path: string,
  addresses: AddressTable,
): { readonly records: readonly (readonly Observation[])[] } {
  const records: Observation[][] = [];
  const reader = new ZeekReader({
    addresses,
    sink: {
      observe: (observation) => {
        if (observation.initiator !== 2) records.push([]);
        records.at(-1)?.push({ ...observation });
      },
      name: () => undefined,
    },
  });
  reader.push(bytesOf(path));
  reader.end();
  return { records };
}

/** An engine over a learned policy that counts what it denies. */
export class Judge {
  readonly #engine: Engine;
  readonly #verdict: Verdict = newVerdict();
  readonly #policy: Policy;
  judged = 0;
  denied = 0;
  /** Denied packets by reason and rule. */
  readonly reasons = new Map<string, number>();
  /** Denied openings by service and far end. */
  readonly openings = new Map<string, number>();
  readonly #addresses: AddressTable;

  constructor(policy: Policy, { addresses, start }: { readonly addresses: AddressTable; readonly start: Instant }) {
    this.#policy = policy;
    this.#addresses = addresses;
    this.#engine = new Engine({ policy, addresses, start });
  }

  /** Judges one packet; counts it only where `isCounted`. Gives whether it was denied. */
  judge(observation: Observation, isCounted: boolean): boolean {
    this.#engine.judge(observation, this.#verdict);
    const isDenied = this.#verdict.reasons !== 0;
    if (!isCounted) return isDenied;
    this.judged += observation.packets;
    if (isDenied) this.#count(observation);
    return isDenied;
  }

  #count(observation: Observation): void {
    this.denied += observation.packets;
    const rule = this.#policy.rules[this.#verdict.rule]?.id ?? 'no rule';
    const reason = `${reasonsOf(this.#verdict.reasons).join('+')} (${rule})`;
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + observation.packets);
    if (this.#verdict.rule !== -1) return;
    const text = (address: number): string => this.#addresses.text(address);
    const { source, destination, protocol, sourcePort, destinationPort } = observation;
    const tuple = `${protocol} ${text(source)}:${sourcePort} > ${text(destination)}:${destinationPort}`;
    this.openings.set(tuple, (this.openings.get(tuple) ?? 0) + observation.packets);
  }

  name(fact: NameFact): void {
    if (fact.kind !== 'dns-answer' || fact.address < 0) return;
    const { client, address: server, name, at, ttlSeconds } = fact;
    this.#engine.bindName({ client, server, name: name.toLowerCase(), at, ttlSeconds });
  }
}
