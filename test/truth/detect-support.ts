// From the shared captures to findings, for the detectors' tests: what an agent does with its packets, without the agent.

import { join } from 'node:path';
import { ZeekReader } from '#capture';
import { Detectors, type Finding } from '#detect';
import { Engine } from '#engine';
import { AddressTable, type Instant, isInternet, type Micros, newVerdict, type Observation, SECOND } from '#model';
import { parsePolicy } from '#policy';
import { bytesAt, CAPTURES, readCapture } from './learn-support.ts';

export interface Watched {
  /** The latest finding of each case. */
  readonly cases: readonly Finding[];
  readonly sources: number;
  readonly openings: number;
  readonly packets: number;
}

export interface Watching {
  readonly learningMicros?: Micros;
  /** An address of the internet that belongs to the house. */
  readonly own?: string;
  /** Whether this packet is left out, as if its sender were dead. */
  readonly isMuted?: (observation: Observation, source: string) => boolean;
}

/** How often an agent's timer runs. */
const TICK: Micros = 10 * SECOND;
/** Gaps beyond this are jumps of the recording. */
const JUMP: Micros = 24 * 3_600 * SECOND;

class Watch {
  readonly #addresses = new AddressTable();
  readonly #watching: Watching;
  readonly #detectors: Detectors;
  readonly #verdict = newVerdict();
  readonly #cases = new Map<string, Finding>();
  readonly #sources = new Set<number>();
  #engine: Engine | null = null;
  #now: Instant = -1;
  #openings = 0;
  #packets = 0;

  constructor(watching: Watching) {
    this.#watching = watching;
    const { learningMicros } = watching;
    const elementOf = (address: number): string | null => {
      const text = this.#addresses.text(address);
      return !isInternet(this.#addresses.bytes(address)) || text === watching.own ? text : null;
    };
    const thresholds = learningMicros === undefined ? {} : { learningMicros };
    this.#detectors = new Detectors({ addresses: this.#addresses, elementOf, thresholds });
  }

  read(path: string): Watched {
    const taker = {
      observe: (observation: Observation) => this.#observe(observation),
      name: (fact: Parameters<Detectors['name']>[0]) => this.#detectors.name(fact),
    };
    if (/\.(pcap|pcapng)(\.gz)?$/.test(path)) readCapture(path, this.#addresses, taker);
    else {
      const reader = new ZeekReader({ addresses: this.#addresses, sink: taker });
      reader.push(bytesAt(join(CAPTURES, path)));
      reader.end();
    }
    this.#pass(this.#now + 60 * SECOND);
    return {
      cases: [...this.#cases.values()],
      sources: this.#sources.size,
      openings: this.#openings,
      packets: this.#packets,
    };
  }

  #observe(observation: Observation): void {
    this.#pass(observation.at);
    if (this.#watching.isMuted?.(observation, this.#addresses.text(observation.source)) === true) return;
    this.#engine ??= new Engine({ policy: observing(), addresses: this.#addresses, start: observation.at });
    this.#engine.judge(observation, this.#verdict);
    this.#packets++;
    this.#detectors.packet(observation);
    if (!this.#verdict.isOpening) return;
    this.#openings++;
    this.#sources.add(observation.source);
    this.#detectors.opening(observation, true);
  }

  #pass(at: Instant): void {
    if (this.#now < 0 || at - this.#now > JUMP) this.#now = at;
    while (this.#now + TICK <= at) {
      this.#now += TICK;
      this.#detectors.advance(this.#now);
      for (const finding of this.#detectors.take()) this.#cases.set(finding.case, finding);
    }
  }
}

/** Reads one capture or log as an agent that only observes would. */
export function watch(path: string, watching: Watching = {}): Watched {
  return new Watch(watching).read(path);
}

function observing(): Exclude<ReturnType<typeof parsePolicy>['policy'], null> {
  const { policy } = parsePolicy('picket: 1\n', 'observe.yaml');
  if (policy === null) throw new Error('the empty policy was refused');
  return policy;
}
