// Reads the logs of one run side by side and hands on what they tell in the order of time, so that a name is there before the flow it explains.
// Streaming: a bounded number of logs is open, a bounded number of facts held. What comes later than that is handed on late, and counted.

import type { LogReader, LogRecord } from '#capture';
import type { AddressTable, Instant } from '#model';
import { countText, durationText } from '../output/text.ts';
import { HeldFacts } from './held.ts';
import { type InputEnd, inputEnd } from './input-end.ts';
import type { TimedLog } from './look.ts';
import type { Progress } from './progress.ts';
import type { Taker } from './taker.ts';

/** Logs read side by side; a sensor writes some twenty kinds at a time, and a file of the next hour may begin before the last one ends. */
const OPEN_MAX = 64;
/** Disorder below a second is usual and changes no verdict that people ask about. */
const JITTER: Instant = 1_000_000;

export const NO_RECORD: LogRecord = { number: 0, line: 0, uid: '', labels: [], ends: 0, isRefused: false };

interface MergeOptions {
  readonly addresses: AddressTable;
  readonly progress: Progress;
  readonly begin: (file: string) => Taker;
  /** Facts held at once; for tests. */
  readonly heldMax?: number;
}

/** One log that is being read. `frontier` is the latest end of a record so far: as far as this log has told. */
interface Stream {
  readonly input: TimedLog;
  readonly reader: LogReader;
  readonly chunks: AsyncIterator<Uint8Array>;
  frontier: Instant;
}

export class LogMerge {
  readonly #options: MergeOptions;
  readonly #held: HeldFacts;
  readonly #ends: InputEnd[] = [];
  /** Sorted by first instant. */
  readonly #waiting: TimedLog[];
  readonly #open: Stream[] = [];

  /** `logs` are in the order of their first instants. */
  constructor(logs: readonly TimedLog[], options: MergeOptions) {
    this.#waiting = [...logs];
    this.#options = options;
    this.#held = new HeldFacts(options.heldMax);
  }

  /** How the logs ended that were read to their end. */
  get ends(): readonly InputEnd[] {
    return this.#ends;
  }

  /** Hands on everything up to `at`, as far as logs were read. */
  releaseUpTo(at: Instant): void {
    this.#held.releaseUpTo(at);
  }

  /** Reads ahead until as much is held as may be. */
  async fill(): Promise<void> {
    while (!this.#held.isFull && (await this.#step()));
  }

  /** Reads on until all that lies before `at` is handed on. */
  async advanceTo(at: Instant): Promise<void> {
    do {
      await this.fill();
      this.#held.releaseUpTo(at);
    } while (!this.#isDone && !this.#held.isFull);
  }

  /** Reads all logs to their ends and hands everything on. */
  async drain(): Promise<void> {
    while (await this.#step());
    this.#held.releaseUpTo(Number.POSITIVE_INFINITY);
  }

  /** A line for stderr, or null where everything was in order. */
  get lateText(): string | null {
    const { count, most } = this.#held.late;
    if (count === 0 || most <= JITTER) return null;
    return `note: ${countText(count)} facts of logs came later than the ${countText(this.#held.most)} that are held to put them in order, by up to ${durationText(most)}; they count as of the latest time seen`;
  }

  get #isDone(): boolean {
    return this.#open.length === 0 && this.#waiting.length === 0;
  }

  /** Reads one chunk of the log that lies furthest back; false when all were read. */
  async #step(): Promise<boolean> {
    this.#openDue();
    const stream = this.#furthestBack();
    if (stream === null) return false;
    const next = await stream.chunks.next();
    if (next.done !== true) {
      stream.reader.push(next.value);
      return true;
    }
    this.#open.splice(this.#open.indexOf(stream), 1);
    this.#ends.push(inputEnd(stream.input.source, stream.reader.end()));
    return true;
  }

  #furthestBack(): Stream | null {
    let back: Stream | null = null;
    for (const stream of this.#open) if (back === null || stream.frontier < back.frontier) back = stream;
    return back;
  }

  /** A log is opened when the others have come as far as its first record. */
  #openDue(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const back = this.#furthestBack();
      if (back !== null && (next.first > back.frontier || this.#open.length >= OPEN_MAX)) return;
      this.#waiting.shift();
      this.#open.push(this.#newStream(next));
    }
  }

  #newStream(input: TimedLog): Stream {
    const { addresses, progress, begin } = this.#options;
    const taker = begin(input.source.path);
    let record = NO_RECORD;
    const see = (at: Instant): void => {
      if (at > stream.frontier) stream.frontier = at;
    };
    const reader = input.log.open({
      addresses,
      sink: {
        record: (begun) => {
          progress.packet();
          record = begun;
          see(begun.ends);
        },
        observe: (observation) => this.#held.observation(taker, observation, record),
        name: (fact) => this.#held.name(taker, fact, record),
        operation: (fact) => taker.operation?.(fact, { index: record.line }),
      },
    });
    const chunks = input.source.chunks((count) => progress.bytes(count));
    const stream: Stream = { input, reader, chunks, frontier: input.first };
    return stream;
  }
}
