// Beacons: one end of the house that calls a nameless host of the internet at regular intervals. Regular calls to named hosts are what devices do.

import type { Instant, Micros } from '#model';
import { BEACON_INTERVALS_MIN, BEACON_SPAN_MIN, BEACON_SPREAD_MAX, SERIES_MAX } from './bounds.ts';
import type { Cases } from './cases.ts';
import type { End } from './ends.ts';
import { fingerprint } from './recent-set.ts';
import { isInfrastructure, serviceText } from './services.ts';
import { spanText } from './span-text.ts';

/** Running mean and spread of the intervals (Welford). */
interface Series {
  readonly began: Instant;
  last: Instant;
  intervals: number;
  mean: number;
  squares: number;
}

export class Beacons {
  readonly #cases: Cases;
  readonly #series = new Map<number, Series>();

  constructor(cases: Cases) {
    this.#cases = cases;
  }

  /** A conversation with a nameless stranger begins. */
  call(call: {
    readonly from: End;
    readonly to: End;
    readonly protocol: number;
    readonly port: number;
    readonly at: Instant;
  }): void {
    const { from, to, protocol, port, at } = call;
    if (isInfrastructure(port)) return;
    const key = fingerprint(from.address, to.address, protocol, port);
    const series = this.#series.get(key) ?? { began: at, last: at, intervals: 0, mean: 0, squares: 0 };
    this.#series.delete(key);
    this.#series.set(key, series);
    if (this.#series.size > SERIES_MAX) this.#dropQuietest();
    if (at <= series.last) return;
    count(series, at - series.last);
    series.last = at;
    if (isRegular(series)) this.#tell(series, call);
  }

  #tell(series: Series, { from, to, protocol, port, at }: Parameters<Beacons['call']>[0]): void {
    const service = serviceText(protocol, port);
    this.#cases.see({ kind: 'beacon', variant: `${service} ${to.text}`, subject: from.name, at }, () => ({
      address: from.text,
      element: from.element,
      evidence: `${from.name} called ${to.text} (${service}), which it was given no name for, ${series.intervals + 1} times, about every ${spanText(series.mean)} with a spread of ${spanText(spread(series))}`,
      severity: 'note',
      isWorthQuarantine: false,
    }));
  }

  #dropQuietest(): void {
    const [quietest] = this.#series.keys();
    if (quietest !== undefined) this.#series.delete(quietest);
  }
}

function count(series: Series, interval: Micros): void {
  series.intervals++;
  const away = interval - series.mean;
  series.mean += away / series.intervals;
  series.squares += away * (interval - series.mean);
}

function spread({ squares, intervals }: Series): Micros {
  return Math.sqrt(squares / intervals);
}

function isRegular(series: Series): boolean {
  if (series.intervals < BEACON_INTERVALS_MIN || series.last - series.began < BEACON_SPAN_MIN) return false;
  return spread(series) <= series.mean * BEACON_SPREAD_MAX;
}
