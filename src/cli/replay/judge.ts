// Drives the engine over traffic: names are bound, packets judged, timers run; what was decided goes to whoever counts.

import { Engine } from '#engine';
import {
  type AddressTable,
  type DeciderEvent,
  type Instant,
  type NameFact,
  newVerdict,
  type Observation,
  type Policy,
  type Verdict,
} from '#model';

/** Packets between two looks at the events, so that their list stays short. */
const EVENTS_EVERY = 4096;
/** Missed floors kept for the output; all are counted. */
const ALARMS_MAX = 10_000;

type UnderVolume = Extract<DeciderEvent, { readonly kind: 'under-volume' }>;

export class Judge {
  readonly #policy: Policy;
  readonly #addresses: AddressTable;
  readonly #verdict = newVerdict();
  readonly #alarms: UnderVolume[] = [];
  readonly #cuts = new Map<string, number>();
  #engine: Engine | null = null;
  #latest: Instant = 0;
  #sinceEvents = 0;
  #alarmCount = 0;

  constructor(policy: Policy, addresses: AddressTable) {
    this.#policy = policy;
    this.#addresses = addresses;
  }

  /** The verdict is overwritten by the next call. */
  judge(observation: Observation): Verdict {
    const engine = this.#engineAt(observation.at);
    engine.judge(observation, this.#verdict);
    if (++this.#sinceEvents >= EVENTS_EVERY) this.#takeEvents(engine);
    return this.#verdict;
  }

  name(fact: NameFact): void {
    if (fact.kind !== 'dns-answer' || fact.address < 0) return;
    this.#engineAt(fact.at).bindName({
      client: fact.client,
      server: fact.address,
      name: fact.name,
      at: fact.at,
      ttlSeconds: fact.ttlSeconds,
    });
  }

  /** Runs what was due by the last packet: floors, ends of sessions. */
  finish(): void {
    if (this.#engine === null) return;
    this.#engine.advance(this.#latest);
    this.#takeEvents(this.#engine);
  }

  /** Missed volume floors, the first ones. */
  get alarms(): readonly UnderVolume[] {
    return this.#alarms;
  }

  get alarmCount(): number {
    return this.#alarmCount;
  }

  /** Sessions cut without a packet, by reason. */
  get cuts(): ReadonlyMap<string, number> {
    return this.#cuts;
  }

  /** The engine begins at the first instant of the traffic: budgets and floors are born there. */
  #engineAt(at: Instant): Engine {
    this.#engine ??= new Engine({ policy: this.#policy, addresses: this.#addresses, start: at });
    this.#latest = Math.max(this.#latest, at);
    return this.#engine;
  }

  #takeEvents(engine: Engine): void {
    this.#sinceEvents = 0;
    for (const event of engine.takeEvents()) {
      if (event.kind === 'cut') this.#cuts.set(event.reason, (this.#cuts.get(event.reason) ?? 0) + 1);
      else {
        this.#alarmCount++;
        if (this.#alarms.length < ALARMS_MAX) this.#alarms.push(event);
      }
    }
  }
}
