// One netfilter log group as tcpdump reads it: what it could not be told is counted, and it begins anew by itself. It does not know what the packets mean.

import type { TrafficReader } from '#capture';
import type { Instant } from '#model';
import type { ObserverTrouble } from './facts.ts';
import { netlinkState } from './netlink-drops.ts';
import { countBefore } from './packets.ts';
import { Supervised } from './supervised.ts';
import type { Watchdog } from './watchdog.ts';

export interface LogGroupOptions {
  readonly prefix: readonly string[];
  readonly watchdog: Watchdog;
  readonly group: number;
  readonly now: () => Instant;
  readonly onTrouble: (trouble: ObserverTrouble) => void;
}

export class LogGroup {
  readonly #newReader: () => TrafficReader;
  readonly #supervised: Supervised;
  #reader: TrafficReader;
  #isListening = false;
  #lost = 0;
  #lostBefore = 0;

  /** `newReader` makes the reader of one run of tcpdump. */
  constructor(source: 'verdicts' | 'answers', options: LogGroupOptions, newReader: () => TrafficReader) {
    this.#newReader = newReader;
    this.#reader = newReader();
    this.#supervised = new Supervised({
      source,
      watchdog: options.watchdog,
      command: () => [...options.prefix, 'tcpdump', '-i', `nflog:${options.group}`, '-n', '-U', '-w', '-'],
      now: options.now,
      onBegin: () => this.#begin(),
      onData: (bytes) => this.#reader.push(bytes),
      onLine: (line) => this.#hear(line),
      onEnd: () => {},
      isWorking: () => this.#isListening,
      onTrouble: options.onTrouble,
    });
  }

  /** Packets that the kernel could not deliver, as of the last poll; where it does not tell how many, how often that happened. */
  get lost(): number {
    return this.#lostBefore + this.#lost;
  }

  get restarts(): number {
    return this.#supervised.restarts;
  }

  get outageMicros(): number {
    return this.#supervised.outageMicros;
  }

  start(): Promise<void> {
    return this.#supervised.start();
  }

  close(): Promise<void> {
    return this.#supervised.close();
  }

  poll(): void {
    const { child } = this.#supervised;
    if (child === null) return;
    child.signal('SIGUSR1');
    this.#lost = Math.max(this.#lost, netlinkState(child.pid)?.drops ?? 0);
    const { kind } = this.#reader.end();
    if (kind === 'damaged' || kind === 'unknown-format') void child.close();
  }

  #begin(): void {
    this.#isListening = false;
    this.#lostBefore += this.#lost;
    this.#lost = 0;
    this.#reader = this.#newReader();
  }

  #hear(line: string): void {
    this.#isListening ||= line.includes('listening on');
    this.#lost = Math.max(this.#lost, countBefore(line, ' packets dropped by kernel'));
  }
}
