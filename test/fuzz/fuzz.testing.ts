// The fuzzer: mutates seeds, keeps what made the code answer in a new way, and holds every input to a bound of time. Repeatable from one number.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Printed with every result; the same number gives the same inputs. */
export const SEED = Number(process.env.PICKET_SEED ?? Date.now() % 2 ** 31);

/** Longest time one input may take, in milliseconds. An input that takes longer is tried again alone: other work on the machine counts, too. */
const INPUT_MS_MAX = 50;
const TRIES = 10;
/** Inputs kept for having shown something new; when full, the oldest of them are replaced. */
const CORPUS_MAX = 2_048;
/** No input grows beyond this. */
const INPUT_BYTES_MAX = 4_096;

export type Random = (below: number) => number;

/** Mulberry32 (public domain): small, and the same numbers for the same seed. */
export function randomOf(seed: number): Random {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) % below;
  };
}

/** Numbers at which code decides otherwise. */
const EDGES = [0, 1, 2, 3, 4, 7, 8, 15, 16, 20, 31, 32, 40, 63, 64, 127, 128, 191, 192, 254, 255];

type Edit = (bytes: Uint8Array, at: number, random: Random) => Uint8Array;

const EDITS: readonly Edit[] = [
  (bytes, at, random) => withByte(bytes, at, random(256)),
  (bytes, at, random) => withByte(bytes, at, EDGES[random(EDGES.length)] ?? 0),
  (bytes, at, random) => withByte(bytes, at, (bytes[at] ?? 0) ^ (1 << random(8))),
  (bytes, at, random) => withByte(bytes, at, (bytes[at] ?? 0) + random(9) - 4),
  (bytes, at, random) => {
    const value = [0, 1, 0x7fff, 0x8000, 0xffff, bytes.length, bytes.length - at][random(7)] ?? 0;
    return withByte(withByte(bytes, at, value >> 8), at + 1, value);
  },
  (bytes, at) => bytes.slice(0, at),
  (bytes, at, random) => joined(bytes.subarray(0, at), bytes.subarray(at + 1 + random(8))),
  (bytes, at, random) => joined(bytes.subarray(0, at), bytes.subarray(at, at + 1 + random(64)), bytes.subarray(at)),
  (bytes, at, random) => joined(bytes.subarray(0, at), new Uint8Array(1 + random(8)), bytes.subarray(at)),
];

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  if (at < bytes.length) bytes[at] = value;
  return bytes;
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A few edits, most of them small; now and then the end of another input. */
export function mutated(seed: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = seed.slice(0, INPUT_BYTES_MAX);
  if (random(16) === 0)
    bytes = joined(bytes.subarray(0, random(bytes.length + 1)), other.subarray(random(other.length + 1)));
  for (let edits = 1 + random(5); edits > 0 && bytes.length > 0; edits--) {
    const edit = EDITS[random(EDITS.length)];
    // Headers stand at the beginning, and decide most.
    const at = random(random(2) === 0 ? Math.min(64, bytes.length) : bytes.length);
    if (edit !== undefined) bytes = edit(bytes, at, random);
  }
  return bytes.slice(0, INPUT_BYTES_MAX);
}

export interface Campaign<T> {
  readonly inputs: number;
  readonly seeds: readonly Uint8Array[];
  /** What else an input is tried under: ports, a link type. Chosen anew for each. */
  readonly setting: (random: Random) => T;
  /** Tries one input; throws on what must not be. Its answer tells inputs apart that made the code do different things. */
  readonly run: (bytes: Uint8Array, setting: T) => string;
}

export interface Outcome {
  readonly inputs: number;
  /** Different answers, as a measure of how far the inputs reached. */
  readonly answers: number;
  readonly slowestMs: number;
  /** What went wrong, with the input in hex; empty when nothing did. */
  readonly faults: readonly string[];
}

/** Faults shown of one campaign; more of them say no more. */
const FAULTS_MAX = 5;

/** Tries all inputs of a campaign, or stops at a few faults. */
export function fuzz<T>(campaign: Campaign<T>, random = randomOf(SEED)): Outcome {
  const corpus = [...campaign.seeds];
  const answers = new Set<string>();
  const faults: string[] = [];
  let kept = 0;
  let slowestMs = 0;
  let inputs = 0;
  const pick = (): Uint8Array => corpus[random(corpus.length)] ?? new Uint8Array(0);
  for (; inputs < campaign.inputs && faults.length < FAULTS_MAX; inputs++) {
    const isSeed = inputs < campaign.seeds.length;
    const bytes = isSeed ? (campaign.seeds[inputs] ?? new Uint8Array(0)) : mutated(pick(), pick(), random);
    const setting = campaign.setting(random);
    const told = attempt(() => campaign.run(bytes, setting));
    slowestMs = Math.max(slowestMs, told.ms);
    if (told.fault !== null)
      faults.push(`${told.fault} (input ${inputs}, ${JSON.stringify(setting)}): ${Buffer.from(bytes).toString('hex')}`);
    if (answers.has(told.answer)) continue;
    answers.add(told.answer);
    if (corpus.length < campaign.seeds.length + CORPUS_MAX) corpus.push(bytes);
    else corpus[campaign.seeds.length + (kept % CORPUS_MAX)] = bytes;
    kept++;
  }
  return { inputs, answers: answers.size, slowestMs: Math.round(slowestMs * 10) / 10, faults };
}

interface Told {
  readonly answer: string;
  readonly ms: number;
  readonly fault: string | null;
}

function attempt(run: () => string): Told {
  let ms = Number.POSITIVE_INFINITY;
  let answer = '';
  for (let tries = 0; tries < TRIES && ms > INPUT_MS_MAX; tries++) {
    const begun = performance.now();
    try {
      answer = run();
    } catch (error) {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return {
        answer: 'fault',
        ms: performance.now() - begun,
        fault: `threw ${stack.split('\n').slice(0, 4).join(' | ')}`,
      };
    }
    ms = Math.min(ms, performance.now() - begun);
  }
  return { answer, ms, fault: ms > INPUT_MS_MAX ? `took ${Math.round(ms)} ms` : null };
}

/** The seeds that authors put beside their readers in a folder: `SEEDS` of every `*.seeds.testing.ts`. */
export async function seedsBeside(folder: string): Promise<readonly Uint8Array[]> {
  const path = join(ROOT, 'src/core', folder);
  const seeds: Uint8Array[] = [];
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!name.endsWith('.seeds.testing.ts')) continue;
    const module: unknown = await import(/* @vite-ignore */ join(path, name));
    if (typeof module !== 'object' || module === null || !('SEEDS' in module) || !Array.isArray(module.SEEDS)) continue;
    for (const seed of module.SEEDS) if (seed instanceof Uint8Array) seeds.push(seed);
  }
  return seeds;
}

/** One line that says what was tried and how far it came. */
export function reportOf(name: string, { inputs, answers, slowestMs }: Outcome): string {
  const heapMb = Math.round(process.memoryUsage().heapUsed / 2 ** 20);
  const cpuSeconds = Math.round(process.cpuUsage().user / 1e6);
  return `fuzz ${name}: ${inputs} inputs, ${answers} answers, slowest ${slowestMs} ms, ${cpuSeconds} s of processor, heap ${heapMb} MB, PICKET_SEED=${SEED}`;
}

/** Memory in use after a campaign: it must not grow with the number of inputs. */
export const HEAP_BYTES_MAX = 1.5 * 2 ** 30;
