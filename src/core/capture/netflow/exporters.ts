// What is remembered of each exporter and its source id (engine, observation domain): templates, sequence, sampling. Bounded; the longest silent is forgotten first.

import type { Instant } from '#model';
import { UNTOLD } from './flow.ts';
import { Templates } from './templates.ts';

/** Exporters and domains remembered. A network has some hundreds; forged senders would make any number. */
const EXPORTERS_MAX = 4_096;
/** Samplers of one domain; a router has one for each interface at most. */
const SAMPLERS_MAX = 256;
/** A sequence that jumps further is of an exporter that began anew, not of lost messages. */
const JUMP_MAX = 1_000_000;
/** A message that comes so much too late was overtaken on its way, not lost. */
const LATE_MAX = 1_000;

export interface Exporter {
  /** Name, domain and version: one of a kind. */
  readonly key: string;
  readonly name: string;
  readonly domain: number;
  readonly templates: Templates;
  /** Sequence number that the next message should have, -1 where that is not known. */
  expected: number;
  /** Packets per metered one, as options say, for records that name no sampler; 1 for all. */
  sampledOneIn: number;
  readonly samplers: Map<number, number>;
  /** Instant at which the system began, as options say; -1 unknown. */
  systemInit: Instant;
}

export class Exporters {
  readonly #known = new Map<string, Exporter>();

  get size(): number {
    return this.#known.size;
  }

  of(name: string, domain: number, version: number): Exporter {
    const key = `${version} ${domain} ${name}`;
    const known = this.#known.get(key) ?? newExporter(key, { name, domain });
    // Put at the end again, so that the first is always the longest silent.
    this.#known.delete(key);
    const [first] = this.#known.keys();
    if (this.#known.size >= EXPORTERS_MAX && first !== undefined) this.#known.delete(first);
    this.#known.set(key, known);
    return known;
  }
}

function newExporter(key: string, { name, domain }: Pick<Exporter, 'name' | 'domain'>): Exporter {
  return {
    key,
    name,
    domain,
    templates: new Templates(),
    expected: UNTOLD,
    sampledOneIn: 1,
    samplers: new Map(),
    systemInit: UNTOLD,
  };
}

export function noteSampler(exporter: Exporter, sampler: number, oneIn: number): void {
  if (sampler === UNTOLD) exporter.sampledOneIn = oneIn;
  else if (exporter.samplers.size < SAMPLERS_MAX || exporter.samplers.has(sampler))
    exporter.samplers.set(sampler, oneIn);
}

/** Compares a message's sequence number with the expected one: how many were lost before it; negative when it is one that came late. */
export function gapBefore(exporter: Exporter, sequence: number): number {
  if (exporter.expected === UNTOLD) return 0;
  const gap = (sequence - exporter.expected) | 0;
  return gap > JUMP_MAX || gap < -LATE_MAX ? 0 : gap;
}

/** Notes the sequence number that should come next. `count` is what the message adds to it; -1 where that cannot be told. */
export function expectNext(exporter: Exporter, sequence: number, count: number): void {
  exporter.expected = count < 0 ? UNTOLD : (sequence + count) % 2 ** 32;
}
