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

/** A message as far as its numbering goes; `count` is what it adds, its `options` included. */
interface Numbered {
  readonly sequence: number;
  readonly count: number;
  readonly options: number;
}

export interface Exporter {
  /** Name, domain and version: one of a kind. */
  readonly key: string;
  readonly name: string;
  readonly domain: number;
  readonly templates: Templates;
  /** The latest message's sequence number and what it added; null where that is not known. */
  last: Numbered | null;
  /** Whether sequence numbers count their own message in. */
  countsItself: boolean;
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
    last: null,
    countsItself: false,
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

/**
 * Judges a message's sequence number by the one before: how many were lost between the two; negative for a message that comes late.
 * `count` is what the message adds; -1 where that cannot be told. By the standards the number is what was sent before the message;
 * some exporters (softflowd's IPFIX) count the message itself in, and are told by numbers that fit no other way.
 */
export function lostBefore(exporter: Exporter, message: Numbered): number {
  const { last } = exporter;
  const gap = last === null ? 0 : gapOf(exporter, last, message);
  if (gap >= 0) exporter.last = message.count < 0 ? null : message;
  return gap;
}

function gapOf(exporter: Exporter, last: Numbered, { sequence, count, options }: Numbered): number {
  const usual = (sequence - last.sequence - last.count) | 0;
  const inclusive = count < 0 ? usual : inclusiveGap(sequence - last.sequence, { count, options });
  if (inclusive === 0 && usual !== 0) exporter.countsItself = true;
  else if (usual === 0 && inclusive !== 0) exporter.countsItself = false;
  const gap = exporter.countsItself ? inclusive : usual;
  return gap > JUMP_MAX || gap < -LATE_MAX ? 0 : gap;
}

/** softflowd leaves records of options out of its numbers. */
function inclusiveGap(step: number, { count, options }: Omit<Numbered, 'sequence'>): number {
  const gap = (step - count) | 0;
  return gap === -options ? 0 : gap;
}
