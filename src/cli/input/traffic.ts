// Reads captures and logs, one after the other, and hands packets, records and names on. Counts and verdicts are made behind it.

import {
  type CaptureEnd,
  type Frame,
  type LogEnd,
  type LogFormat,
  type LogRecord,
  type OperationFact,
  PayloadInspector,
  TrafficReader,
} from '#capture';
import type { AddressTable, NameFact, Observation } from '#model';
import type { Desk } from '../context.ts';
import { EXIT, type Exit } from '../exits.ts';
import { Failure, nameOf, wrongUsage } from '../failure.ts';
import { ClockWatch } from './clock-watch.ts';
import { type Looked, look, orderByTime } from './look.ts';
import { Progress } from './progress.ts';
import { Source } from './source.ts';
import { ZeroRun } from './zero-run.ts';

/** What a command takes from the traffic; what it leaves out is not worked out. Objects are reused: copy what must outlive the call. */
export interface Taker {
  /** Every frame of a capture, those without IP included. */
  frame?(frame: Frame): void;
  /** Every record of a log, as one or two observations. */
  record?(observation: Observation, record: LogRecord): void;
  name?(fact: NameFact, frame: Frame): void;
  operation?(fact: OperationFact, frame: Frame): void;
}

/** How one input ended. */
export interface InputEnd {
  readonly file: string;
  readonly format: string;
  readonly isComplete: boolean;
  /** Where and how it broke, null for a whole input. */
  readonly damage: string | null;
  /** Packets of a capture (non-IP included) or records of a log. */
  readonly count: number;
}

export interface TrafficOptions {
  readonly addresses: AddressTable;
  /** Called as each input begins; `at` is its place in the order of reading. */
  readonly begin: (file: string, at: number) => Taker;
  /** given: as on the command line. time: by first packet, one conversation may run on from one file into the next. */
  readonly order: 'given' | 'time';
  /** Whether payloads are looked into for names, operations and applications. */
  readonly isInspecting: boolean;
  readonly mayReadLogs: boolean;
}

/** Reads every input. Everything that can be seen to be wrong beforehand is refused before the first packet is handed on. */
export async function readTraffic(
  desk: Desk,
  paths: readonly string[],
  options: TrafficOptions,
): Promise<readonly InputEnd[]> {
  const inputs = await openAll(desk, paths, options);
  const progress = new Progress(desk.io, totalBytes(inputs));
  const reading = new Reading(options, progress);
  const ends: InputEnd[] = [];
  try {
    for (const input of inputs) ends.push(await reading.read(input, ends.length));
  } finally {
    progress.end();
  }
  for (const end of ends) if (end.damage !== null) desk.say(damageText(end));
  if (reading.backwards !== null) desk.say(reading.backwards);
  return ends;
}

function totalBytes(inputs: readonly Looked[]): number | null {
  const sizes = inputs.map(({ source }) => source.bytes);
  return sizes.reduce((sum, bytes) => (sum === null || bytes === null ? null : sum + bytes), 0);
}

/** Exit code of a run over these inputs. */
export function exitOfEnds(ends: readonly InputEnd[]): Exit {
  return ends.every(({ isComplete }) => isComplete) ? EXIT.done : EXIT.partlyDone;
}

/** What every JSON output says of its inputs. */
export function inputsJson(ends: readonly InputEnd[]): object {
  const broken = ends.filter(({ isComplete }) => !isComplete);
  return {
    complete: broken.length === 0,
    ...(broken.length === 0 ? {} : { damage: broken.map(({ file, damage }) => ({ file, reason: damage })) }),
    inputs: ends.map(({ file, format, isComplete, count }) => ({ file, format, complete: isComplete, count })),
  };
}

async function openAll(desk: Desk, paths: readonly string[], options: TrafficOptions): Promise<readonly Looked[]> {
  if (paths.filter((path) => path === '-').length > 1)
    throw wrongUsage('"-" is given twice, but there is one standard input');
  const sources: Source[] = [];
  for (const path of paths) sources.push(await Source.open(desk.io, path));
  for (const path of namedTwice(sources))
    desk.say(`note: ${nameOf(path)} is named more than once; its traffic counts each time`);
  const inputs: Looked[] = [];
  for (const source of sources) inputs.push(await look(source));
  const log = inputs.find(({ log }) => log !== null);
  if (log !== undefined && !options.mayReadLogs) throw logRefused(log.source);
  return options.order === 'time' ? orderByTime(inputs) : inputs;
}

/** Each path once whose file an earlier path leads to as well. */
function namedTwice(sources: readonly Source[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { path, identity } of sources) {
    if (identity === null) continue;
    if (seen.has(identity)) twice.add(path);
    seen.add(identity);
  }
  return twice;
}

function logRefused(source: Source): Failure {
  return new Failure({
    code: 'PICKET-I007',
    exit: EXIT.wrongUsage,
    message: `cannot read names and operations from ${nameOf(source.path)}: it is a log of flow records, and they are read from packets`,
  });
}

function damageText(end: InputEnd): string {
  return `warning[PICKET-I006]: ${nameOf(end.file)}: ${end.damage}; ${end.count} packets or records before it are in the output`;
}

/** A fault of the gzip layer comes first: what lies inside it broke only because of it. */
function inputEnd(source: Source, end: CaptureEnd | LogEnd): InputEnd {
  const damage = source.gzipFault?.message ?? (end.kind === 'whole' ? null : end.message);
  return {
    file: source.path,
    format: end.format,
    isComplete: damage === null,
    damage,
    count: 'packets' in end ? end.packets : end.records,
  };
}

/** The readers of one run. The inspector lives as long as the run when inputs follow each other in time. */
class Reading {
  readonly #options: TrafficOptions;
  readonly #progress: Progress;
  readonly #clock = new ClockWatch();
  #taker: Taker = {};
  #inspector: PayloadInspector | null = null;

  constructor(options: TrafficOptions, progress: Progress) {
    this.#options = options;
    this.#progress = progress;
  }

  read(input: Looked, at: number): Promise<InputEnd> {
    this.#taker = this.#options.begin(input.source.path, at);
    return input.log === null ? this.#readCapture(input.source) : this.#readLog(input.source, input.log);
  }

  /** What to say of captures whose time runs backwards; only where time decides. Logs are written as conversations end, so theirs always does. */
  get backwards(): string | null {
    return this.#options.order === 'time' ? this.#clock.text() : null;
  }

  async #readCapture(source: Source): Promise<InputEnd> {
    const { addresses, order } = this.#options;
    if (order === 'given') this.#inspector = null;
    const inspector = this.#options.isInspecting ? (this.#inspector ?? this.#newInspector()) : null;
    const zeros = new ZeroRun();
    const take = (frame: Frame): void => {
      this.#progress.packet();
      zeros.see(frame);
      this.#clock.see(frame.at, source.path, frame.index);
      this.#taker.frame?.(frame);
    };
    const reader = new TrafficReader({ addresses, inspector, sink: { frame: take } });
    for await (const chunk of source.chunks((count) => this.#progress.bytes(count))) {
      reader.push(chunk);
      if (zeros.isLong || reader.end().kind === 'damaged') break;
    }
    const end = reader.end();
    return inputEnd(source, zeros.isLong ? { ...end, kind: 'damaged', message: zeros.text(end) } : end);
  }

  async #readLog(source: Source, format: LogFormat): Promise<InputEnd> {
    const taker = this.#taker;
    let current: LogRecord = { number: 0, line: 0, uid: '', labels: [], ends: 0, isRefused: false };
    const reader = format.open({
      addresses: this.#options.addresses,
      sink: {
        record: (record) => {
          current = record;
        },
        observe: (observation) => {
          this.#progress.packet();
          taker.record?.(observation, current);
        },
        name: () => {},
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
