// Hours that live sessions stand under: one group for all rules with equal hours and drain, told once when they close. Not the judging of a packet.

import type { Hours, Instant, Micros } from '#model';
import { HoursClock } from './hours.ts';
import { doubles } from './memory.ts';

const FIRST_SIZE = 64;
/** Hours that are remembered as objects, for rules that share them; when full all are forgotten. */
const HOURS_MAX = 1_024;

export class HoursGroup {
  /** Place in the watch's list. */
  readonly number: number;
  /** Asked about the instant of judging only, so that it answers from memory; `past` is asked about instants gone by. */
  readonly clock: HoursClock;
  readonly past: HoursClock;
  readonly drain: Micros;
  /** Governed sessions: without any there is nobody to tell. */
  sessions = 0;
  /** Whether its next change is waited for. */
  isWatched = false;
  /** Whether the closing that is running was told. */
  isTold = false;

  constructor(hours: Hours, made: { drain: Micros; number: number }) {
    this.number = made.number;
    this.drain = made.drain;
    this.clock = new HoursClock(hours);
    this.past = new HoursClock(hours);
  }

  /** Begins to wait at `now`; the instant to wake at. A closing whose drain is not over is still to be told. */
  watch(now: Instant): Instant {
    this.isWatched = true;
    const isOpen = this.clock.isOpenAt(now);
    const due = (isOpen ? this.clock.until : this.clock.since) + this.drain;
    this.isTold = due <= now;
    return this.isTold ? this.clock.until : due;
  }

  /** What its timer finds at `now`: whether a closing is to be told, and when to wake again. */
  wake(now: Instant): { readonly isDue: boolean; readonly next: Instant } {
    const { clock, drain } = this;
    if (clock.isOpenAt(now)) {
      this.isTold = false;
      return { isDue: false, next: clock.until + drain };
    }
    const due = clock.since + drain;
    if (!this.isTold && now < due) return { isDue: false, next: due };
    const isDue = !this.isTold;
    this.isTold = true;
    return { isDue, next: clock.until };
  }
}

export class HoursWatch {
  readonly groups: HoursGroup[] = [];
  /** Per group: since and until when it is known to be open, as the clock said last. Read for every packet. */
  open = doubles(FIRST_SIZE * 2);
  readonly #byText = new Map<string, HoursGroup>();
  /** The same for hours that are one object. */
  readonly #byHours = new Map<Hours, HoursGroup>();

  groupOf(hours: Hours, drain: Micros): HoursGroup {
    const same = this.#byHours.get(hours);
    if (same?.drain === drain) return same;
    const text = JSON.stringify([hours, drain]);
    const known = this.#byText.get(text);
    if (known !== undefined) {
      if (this.#byHours.size >= HOURS_MAX) this.#byHours.clear();
      this.#byHours.set(hours, known);
      return known;
    }
    const number = this.groups.length;
    const group = new HoursGroup(hours, { drain, number });
    this.groups.push(group);
    this.#byText.set(text, group);
    if (number * 2 >= this.open.length) {
      const larger = doubles(this.open.length * 2);
      larger.set(this.open);
      this.open = larger;
    }
    return group;
  }

  /** Notes what a group's clock said last, for the packets to come. */
  note({ number, clock }: HoursGroup): void {
    this.open[number * 2] = clock.since;
    this.open[number * 2 + 1] = clock.isOpen ? clock.until : clock.since;
  }
}
