// What is remembered of each conversation: its application, which ends were heard, and the next TCP sequence number of each end.
// A set-associative table of typed arrays: bounded, never grows, forgets the least recently heard of a set when that set is full.

import type { Frame } from '../frame.ts';
import { NOTHING_SEEN } from './applications.ts';

/** Conversations of one set; a new one takes the place of the one of these eight that was silent longest. */
const WAYS = 8;
/** About 27 bytes each, so 13 MiB for the usual half million. */
export const CONVERSATIONS_MAX = 2 ** 19;

/** Bits of `flags`, for the end of direction 0; shifted left by one for direction 1. */
const FLAG = {
  isUsed: 1,
  hasSequence: 2,
  wasHeard: 8,
  wasJudged: 32,
  didSecondSpeakFirst: 128,
  isLost: 256,
  isConnecting: 1024,
} as const;

/** Slots are numbers from 0; a slot's conversation is looked up anew for every packet, because another may have taken it. */
export class Conversations {
  readonly #setMask: number;
  readonly #low: Int32Array;
  readonly #high: Int32Array;
  readonly #ports: Uint32Array;
  readonly #protocol: Uint8Array;
  readonly #application: Uint8Array;
  readonly #flags: Uint16Array;
  readonly #next: Uint32Array;
  readonly #used: Uint32Array;
  #tick = 0;
  /** 0 when the frame last found was sent by the lower end, else 1. */
  direction: 0 | 1 = 0;
  /** Whether the slot last found was given to a new conversation, so nothing kept elsewhere under its number holds. */
  isNew = false;

  /** `conversationsMax` is rounded up to a power of two, at least one set. */
  constructor(conversationsMax = CONVERSATIONS_MAX) {
    let sets = 1;
    while (sets * WAYS < conversationsMax) sets *= 2;
    const slots = sets * WAYS;
    this.#setMask = sets - 1;
    this.#low = new Int32Array(slots);
    this.#high = new Int32Array(slots);
    this.#ports = new Uint32Array(slots);
    this.#protocol = new Uint8Array(slots);
    this.#application = new Uint8Array(slots);
    this.#flags = new Uint16Array(slots);
    this.#next = new Uint32Array(slots * 2);
    this.#used = new Uint32Array(slots);
  }

  /** The slot of the frame's conversation; sets `direction` and `isNew`. */
  find(frame: Frame): number {
    const isForward =
      frame.source < frame.destination ||
      (frame.source === frame.destination && frame.sourcePort <= frame.destinationPort);
    this.direction = isForward ? 0 : 1;
    const low = isForward ? frame.source : frame.destination;
    const high = isForward ? frame.destination : frame.source;
    const lowPort = isForward ? frame.sourcePort : frame.destinationPort;
    const highPort = isForward ? frame.destinationPort : frame.sourcePort;
    const ports = ((lowPort << 16) | (highPort & 0xffff)) >>> 0;
    const base = (hash(low, high, ports) & this.#setMask) * WAYS;
    this.#tick = (this.#tick + 1) >>> 0;
    let oldest = base;
    for (let slot = base; slot < base + WAYS; slot++) {
      if (this.#has(slot, low, high) && this.#ports[slot] === ports && this.#protocol[slot] === frame.protocol) {
        this.#used[slot] = this.#tick;
        this.isNew = false;
        return slot;
      }
      if (this.#age(slot) > this.#age(oldest)) oldest = slot;
    }
    this.#low[oldest] = low;
    this.#high[oldest] = high;
    this.#ports[oldest] = ports;
    this.#protocol[oldest] = frame.protocol;
    this.#used[oldest] = this.#tick;
    this.restart(oldest);
    this.isNew = true;
    return oldest;
  }

  /** Forgets what was learnt: the same ports begin a new conversation. */
  restart(slot: number): void {
    this.#flags[slot] = FLAG.isUsed;
    this.#application[slot] = NOTHING_SEEN;
  }

  application(slot: number): number {
    return this.#application[slot] ?? NOTHING_SEEN;
  }

  setApplication(slot: number, code: number): void {
    this.#application[slot] = code;
  }

  /** Whether the end of `direction` sent payload before. */
  wasHeard(slot: number, direction: 0 | 1): boolean {
    return this.#hasFlag(slot, FLAG.wasHeard << direction);
  }

  setHeard(slot: number, direction: 0 | 1): void {
    const isFirst = !this.#hasFlag(slot, FLAG.wasHeard) && !this.#hasFlag(slot, FLAG.wasHeard << 1);
    this.#setFlag(slot, FLAG.wasHeard << direction);
    if (isFirst && direction === 1) this.#setFlag(slot, FLAG.didSecondSpeakFirst);
  }

  /** Whether the end of `direction` sent the first payload of the conversation. */
  isFirstSpeaker(slot: number, direction: 0 | 1): boolean {
    return this.#hasFlag(slot, FLAG.didSecondSpeakFirst) === (direction === 1);
  }

  /** Whether the first bytes of that end were judged already. */
  wasJudged(slot: number, direction: 0 | 1): boolean {
    return this.#hasFlag(slot, FLAG.wasJudged << direction);
  }

  setJudged(slot: number, direction: 0 | 1): void {
    this.#setFlag(slot, FLAG.wasJudged << direction);
  }

  /** Whether that end began with a connection of COTP, which does not tell yet what will speak over it. */
  isConnecting(slot: number, direction: 0 | 1): boolean {
    return this.#hasFlag(slot, FLAG.isConnecting << direction);
  }

  setConnecting(slot: number, direction: 0 | 1): void {
    this.#setFlag(slot, FLAG.isConnecting << direction);
  }

  /** What was kept of that end had to go. */
  setLost(slot: number, direction: 0 | 1): void {
    this.#setFlag(slot, FLAG.isLost << direction);
  }

  /** Whether what was kept of that end had to go since the last call. */
  takeLost(slot: number, direction: 0 | 1): boolean {
    const isLost = this.#hasFlag(slot, FLAG.isLost << direction);
    if (isLost) this.#flags[slot] = (this.#flags[slot] ?? 0) & ~(FLAG.isLost << direction);
    return isLost;
  }

  hasSequence(slot: number, direction: 0 | 1): boolean {
    return this.#hasFlag(slot, FLAG.hasSequence << direction);
  }

  /** The sequence number that the next byte of that end must have. */
  nextSequence(slot: number, direction: 0 | 1): number {
    return this.#next[slot * 2 + direction] ?? 0;
  }

  setNextSequence(slot: number, direction: 0 | 1, sequence: number): void {
    this.#next[slot * 2 + direction] = sequence;
    this.#setFlag(slot, FLAG.hasSequence << direction);
  }

  #has(slot: number, low: number, high: number): boolean {
    return this.#flags[slot] !== 0 && this.#low[slot] === low && this.#high[slot] === high;
  }

  /** Packets since the slot was last used; an empty slot is older than any. */
  #age(slot: number): number {
    return this.#flags[slot] === 0 ? Number.MAX_SAFE_INTEGER : (this.#tick - (this.#used[slot] ?? 0)) >>> 0;
  }

  #hasFlag(slot: number, flag: number): boolean {
    return ((this.#flags[slot] ?? 0) & flag) !== 0;
  }

  #setFlag(slot: number, flag: number): void {
    this.#flags[slot] = (this.#flags[slot] ?? 0) | flag;
  }
}

/** Mixes all bits of the key; the constants are those of MurmurHash3 (public domain). */
function hash(low: number, high: number, ports: number): number {
  let value = Math.imul(low ^ 0x9e3779b9, 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13) ^ high, 0xc2b2ae35);
  value = Math.imul(value ^ (value >>> 15) ^ ports, 0x85ebca6b);
  return (value ^ (value >>> 16)) >>> 0;
}
