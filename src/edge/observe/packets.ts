// The packet source: one tcpdump over all interfaces, its packets through the gate and the inspector to the sink. Not a flow table.
//
// Sizes: the kernel joins TCP segments (GRO) before, and cuts them (GSO) after the place where packets are seen. So `bytes` counts each joined
// piece's headers once, `packets` counts the joined piece as one, and `packetSize` of what is larger than the interface's MTU is -1. A piece of
// two small segments stays below the MTU and passes for one packet: sizes and counts of TCP seen here are those of the kernel, not of the wire.

import { type Frame, type FrameSink, PayloadInspector, TrafficReader } from '#capture';
import type { AddressTable, Instant, NameFact } from '#model';
import { captureFilter } from './capture-filter.ts';
import type { Crossing } from './crossing.ts';
import type { ObserverTrouble } from './facts.ts';
import { Supervised } from './supervised.ts';
import type { Translation } from './translation.ts';
import type { Watchdog } from './watchdog.ts';

export interface PacketsOptions {
  readonly prefix: readonly string[];
  readonly watchdog: Watchdog;
  readonly addresses: AddressTable;
  readonly gate: Crossing;
  readonly translation: Translation;
  readonly sink: { frame(frame: Frame): void; name(fact: NameFact): void };
  readonly now: () => Instant;
  readonly onTrouble: (trouble: ObserverTrouble) => void;
}

/** Bytes kept of a packet: cooked header, IP, TCP with options and the names that stand at the beginning of messages. `bytes` stays true. */
const SNAP_BYTES = 512;
/** The kernel's buffer in KiB: about two seconds of 20,000 small packets a second, for when this process is busy. */
const BUFFER_KIB = 16_384;
/**
 * Where addresses are translated, output is held this long before it is read, so that the flow of a translated packet, told by another child, is
 * known before the packet is looked at. Events take milliseconds on an idle machine; a late one only makes its packets show the addresses they
 * carry. Where nothing is translated nothing is held: a DNS answer is told at once, because the name that it binds may be waited for.
 */
const HOLD_MS = 50;
/** Bytes held at most: when there are more, the child is not read and the kernel's buffer fills, then drops and counts. */
const HOLD_BYTES_MAX = 32 * 1024 * 1024;

/** Cooked frames of all interfaces, each told as soon as it is seen. */
const HOW = '-i any -y LINUX_SLL2 -n -U --immediate-mode';
const COMMAND = ['tcpdump', ...HOW.split(' '), '-s', String(SNAP_BYTES), '-B', String(BUFFER_KIB), '-w', '-'];

/** A piece smaller than this is followed by a rest of some milliseconds; larger ones show that there is a lot to read. */
const SMALL_BYTES = 16_384;
const REST_MS = 5;

export class Packets {
  readonly #options: PacketsOptions;
  readonly #inspector: PayloadInspector;
  readonly #frames: FrameSink;
  readonly #supervised: Supervised;
  #reader: TrafficReader;
  #filter = '';
  #isListening = false;
  readonly #held: Buffer[] = [];
  #heldBytes = 0;
  #isPaused = false;
  #dropped = 0;
  #droppedBefore = 0;

  constructor(options: PacketsOptions) {
    this.#options = options;
    const { addresses, sink } = options;
    this.#inspector = new PayloadInspector({
      addresses,
      isLive: true,
      facts: { name: (fact) => sink.name(fact), operation() {} },
    });
    this.#frames = { frame: (frame) => sink.frame(frame) };
    this.#reader = this.#newReader();
    this.#supervised = new Supervised({
      source: 'packets',
      watchdog: options.watchdog,
      command: () => this.#command(),
      now: options.now,
      onBegin: () => this.#begin(),
      onData: (bytes) => this.#hold(bytes),
      onLine: (line) => this.#hear(line),
      onEnd: () => this.#flush(),
      isWorking: () => this.#isListening,
      onTrouble: options.onTrouble,
    });
  }

  /** Packets that the kernel dropped, as of the last time it was asked. */
  get dropped(): number {
    return this.#droppedBefore + this.#dropped;
  }

  get restarts(): number {
    return this.#supervised.restarts;
  }

  get outageMicros(): number {
    return this.#supervised.outageMicros;
  }

  async start(): Promise<void> {
    this.#filter = await captureFilter(this.#options.prefix);
    await this.#supervised.start();
  }

  async close(): Promise<void> {
    await this.#supervised.close();
    this.#flush();
  }

  /** Asks the child what it lost, and ends one whose output is no capture any more: it is begun again. */
  poll(): void {
    const { child } = this.#supervised;
    child?.signal('SIGUSR1');
    const { kind } = this.#reader.end();
    if (kind === 'damaged' || kind === 'unknown-format') void child?.close();
  }

  #command(): readonly string[] {
    return [...this.#options.prefix, ...COMMAND, this.#filter];
  }

  #begin(): void {
    this.#flush();
    this.#isListening = false;
    this.#droppedBefore += this.#dropped;
    this.#dropped = 0;
    this.#reader = this.#newReader();
  }

  #newReader(): TrafficReader {
    const { addresses, gate } = this.#options;
    return new TrafficReader({ addresses, gate, inspector: this.#inspector, sink: this.#frames });
  }

  #hear(line: string): void {
    this.#isListening ||= line.includes('listening on');
    this.#dropped = Math.max(
      this.#dropped,
      countBefore(line, ' packets dropped by kernel'),
      countBefore(line, ' packet dropped by kernel'),
    );
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > HOLD_BYTES_MAX && !this.#isPaused) {
      this.#isPaused = true;
      this.#supervised.child?.pause();
    }
    if (this.#options.translation.isEmpty && this.#held.length === 1) this.#release();
    else setTimeout(() => this.#release(), HOLD_MS);
    if (bytes.length < SMALL_BYTES && !this.#isPaused) this.#rest();
  }

  /** Lets small pieces gather: the child writes packet by packet, and reading each alone costs more than all the rest. */
  #rest(): void {
    this.#supervised.child?.pause();
    setTimeout(() => {
      if (!this.#isPaused) this.#supervised.child?.resume();
    }, REST_MS);
  }

  #release(): void {
    const bytes = this.#held.shift();
    if (bytes === undefined) return;
    this.#heldBytes -= bytes.length;
    this.#reader.push(bytes);
    if (this.#isPaused && this.#heldBytes < HOLD_BYTES_MAX / 2) {
      this.#isPaused = false;
      this.#supervised.child?.resume();
    }
  }

  #flush(): void {
    while (this.#held.length > 0) this.#release();
  }
}

/** The whole number that stands before `words`, or 0. */
export function countBefore(line: string, words: string): number {
  const end = line.indexOf(words);
  if (end < 0) return 0;
  let from = end;
  while (from > 0 && line.charCodeAt(from - 1) >= 48 && line.charCodeAt(from - 1) <= 57) from--;
  return Number(line.slice(from, end));
}
