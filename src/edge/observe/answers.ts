// The source of DNS answers that the kernel passed: one tcpdump on the netfilter log group to which Picket's table shows them, with the questions
// before them. Not the other names, which packets tell.

import { PayloadInspector, TrafficReader } from '#capture';
import type { AddressTable, Instant, NameFact } from '#model';
import type { ObserverTrouble } from './facts.ts';
import { netlinkState } from './netlink-drops.ts';
import { countBefore } from './packets.ts';
import { Supervised } from './supervised.ts';
import type { Watchdog } from './watchdog.ts';

export interface AnswersOptions {
  readonly prefix: readonly string[];
  readonly watchdog: Watchdog;
  readonly group: number;
  readonly addresses: AddressTable;
  readonly tell: (fact: NameFact) => void;
  readonly now: () => Instant;
  readonly onTrouble: (trouble: ObserverTrouble) => void;
}

export class PassedAnswers {
  readonly #options: AnswersOptions;
  readonly #supervised: Supervised;
  #reader: TrafficReader;
  #isListening = false;
  #lost = 0;
  #lostBefore = 0;

  constructor(options: AnswersOptions) {
    this.#options = options;
    this.#reader = this.#newReader();
    this.#supervised = new Supervised({
      source: 'answers',
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

  /** Packets that the kernel could not deliver, as of the last poll. */
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

  #newReader(): TrafficReader {
    const { addresses, tell } = this.#options;
    const facts = {
      name: (fact: NameFact) => {
        if (isAnswer(fact)) tell(fact);
      },
      operation() {},
    };
    const inspector = new PayloadInspector({ addresses, isLive: true, facts });
    return new TrafficReader({ addresses, inspector, sink: { frame() {} } });
  }

  #hear(line: string): void {
    this.#isListening ||= line.includes('listening on');
    this.#lost = Math.max(this.#lost, countBefore(line, ' packets dropped by kernel'));
  }
}

/** Whether a fact is one that this source tells, where there is one. */
export function isAnswer({ kind }: NameFact): boolean {
  return kind === 'dns-answer';
}
