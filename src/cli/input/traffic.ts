// Reads captures and logs and hands packets, records and names on: one input after the other, or all in the order of time. Counts and verdicts are made behind it.

import { type Frame, type LogFormat, PayloadInspector, TrafficReader } from '#capture';
import type { AddressTable } from '#model';
import type { Desk } from '../context.ts';
import { ClockWatch } from './clock-watch.ts';
import { checkTelling, type InputEnd, inputEnd, sayEnds } from './input-end.ts';
import { LogMerge, NO_RECORD } from './log-merge.ts';
import { isLog, type Looked, orderByTime, type Timed } from './look.ts';
import { openAll } from './open.ts';
import { Progress } from './progress.ts';
import type { Source } from './source.ts';
import type { Taker } from './taker.ts';
import { ZeroRun } from './zero-run.ts';

export type { InputEnd } from './input-end.ts';
export { exitOfEnds, inputsJson, tellsOf, untoldText } from './input-end.ts';
export type { Taker } from './taker.ts';

export interface TrafficOptions {
  readonly addresses: AddressTable;
  /** Called as each input begins; `at` is its place in the order of beginning. */
  readonly begin: (file: string, at: number) => Taker;
  /**
   * given: as on the command line, one input after the other, facts in the order of the file. time: captures by first packet, one conversation may
   * run on from one file into the next; logs side by side, their facts in the order of time and before the packets that are later.
   */
  readonly order: 'given' | 'time';
  /** Whether payloads are looked into for names, operations and applications. */
  readonly isInspecting: boolean;
}

/** Reads every input. Everything that can be seen to be wrong beforehand is refused before the first packet is handed on. */
export async function readTraffic(
  desk: Desk,
  paths: readonly string[],
  options: TrafficOptions,
): Promise<readonly InputEnd[]> {
  const inputs = await openAll(desk, paths);
  const timed = options.order === 'time' ? await orderByTime(inputs) : [];
  const progress = new Progress(desk.io, totalBytes(inputs));
  const reading = new Reading(options, progress);
  try {
    if (options.order === 'time') await reading.readByTime(timed);
    else for (const input of inputs) await reading.read(input);
  } finally {
    progress.end();
  }
  sayEnds(desk, reading.ends);
  for (const note of reading.notes) desk.say(note);
  checkTelling(reading.ends);
  return reading.ends;
}

function totalBytes(inputs: readonly Looked[]): number | null {
  const sizes = inputs.map(({ source }) => source.bytes);
  return sizes.reduce((sum, bytes) => (sum === null || bytes === null ? null : sum + bytes), 0);
}

/** The readers of one run. The inspector lives as long as the run when inputs follow each other in time. */
class Reading {
  readonly ends: InputEnd[] = [];
  readonly notes: string[] = [];
  readonly #options: TrafficOptions;
  readonly #progress: Progress;
  readonly #clock = new ClockWatch();
  #begun = 0;
  #taker: Taker = {};
  #inspector: PayloadInspector | null = null;

  constructor(options: TrafficOptions, progress: Progress) {
    this.#options = options;
    this.#progress = progress;
  }

  async read({ source, log }: Looked): Promise<void> {
    this.#inspector = null;
    if (log === null) this.ends.push(await this.#readCapture(source, null));
    else this.ends.push(await this.#readLog(source, log));
  }

  /** Captures one after the other; before each packet, what logs tell of the time up to it. */
  async readByTime(inputs: readonly Timed[]): Promise<void> {
    const logs = new LogMerge(inputs.filter(isLog), {
      addresses: this.#options.addresses,
      progress: this.#progress,
      begin: (file) => this.#begin(file),
    });
    for (const { source, log, first } of inputs) {
      if (log !== null) continue;
      await logs.advanceTo(first);
      this.ends.push(await this.#readCapture(source, logs));
    }
    await logs.drain();
    this.ends.push(...logs.ends);
    // Of captures only: logs are written as things end, and put in order here.
    for (const note of [this.#clock.text(), logs.lateText]) if (note !== null) this.notes.push(note);
  }

  #begin(file: string): Taker {
    return this.#options.begin(file, this.#begun++);
  }

  async #readCapture(source: Source, logs: LogMerge | null): Promise<InputEnd> {
    const { addresses } = this.#options;
    const taker = this.#begin(source.path);
    this.#taker = taker;
    const inspector = this.#options.isInspecting ? (this.#inspector ?? this.#newInspector()) : null;
    const zeros = new ZeroRun();
    const take = (frame: Frame): void => {
      this.#progress.packet();
      zeros.see(frame);
      this.#clock.see(frame.at, source.path, frame.index);
      logs?.releaseUpTo(frame.at);
      taker.frame?.(frame);
    };
    const { tunnel } = taker;
    const sink = tunnel === undefined ? { frame: take } : { frame: take, tunnel: tunnel.bind(taker) };
    const reader = new TrafficReader({ addresses, inspector, sink });
    for await (const chunk of source.chunks((count) => this.#progress.bytes(count))) {
      await logs?.fill();
      reader.push(chunk);
      if (zeros.isLong || reader.end().kind === 'damaged') break;
    }
    const end = reader.end();
    return inputEnd(source, zeros.isLong ? { ...end, kind: 'damaged', message: zeros.text(end) } : end);
  }

  async #readLog(source: Source, format: LogFormat): Promise<InputEnd> {
    const taker = this.#begin(source.path);
    let record = NO_RECORD;
    const reader = format.open({
      addresses: this.#options.addresses,
      sink: {
        record: (begun) => {
          this.#progress.packet();
          record = begun;
        },
        observe: (observation) => taker.record?.(observation, record),
        name: (fact) => taker.name?.(fact, { index: record.line }),
        operation: (fact) => taker.operation?.(fact, { index: record.line }),
      },
    });
    for await (const chunk of source.chunks((count) => this.#progress.bytes(count))) reader.push(chunk);
    return inputEnd(source, reader.end());
  }

  #newInspector(): PayloadInspector {
    this.#inspector = new PayloadInspector({
      addresses: this.#options.addresses,
      facts: {
        name: (fact, frame) => this.#taker.name?.(fact, frame),
        operation: (fact, frame) => this.#taker.operation?.(fact, frame),
      },
    });
    return this.#inspector;
  }
}
