// The instant at which an engine judges. Not a clock: it is told.

import type { Instant } from '#model';

/** One instant shared by all that judge at it. In a typed array, since a number kept in an object or handed on is allocated anew for each packet. */
export class Time {
  readonly cell = new Float64Array(1);

  constructor(start: Instant) {
    this.cell[0] = start;
  }

  get now(): Instant {
    return this.cell[0] ?? 0;
  }

  set now(at: Instant) {
    this.cell[0] = at;
  }
}
