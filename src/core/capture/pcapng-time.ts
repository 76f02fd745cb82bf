// Time stamps of pcapng interfaces: 64 bits in units that each interface names, plus an offset. Exact to the nanosecond.

const NANOS = 1_000_000_000;

export interface Seconds {
  seconds: number;
  nanoseconds: number;
}

/** How one interface counts time. */
export interface TimeScale {
  /** Units in a second, exact. */
  readonly units: bigint;
  /** Same as a number where the fast division is exact, else 0. */
  readonly fastUnits: number;
  readonly offsetSeconds: number;
}

/** Powers of two up to this leave the remainder times 1e9 below 2^53. */
const FAST_POWER_OF_TWO_MAX = 23;

/** The scale of option if_tsresol: a power of ten, or of two when the top bit is set. */
export function timeScale(resolution: number, offsetSeconds: number): TimeScale {
  const power = resolution & 0x7f;
  const isBinary = resolution >= 0x80;
  const units = (isBinary ? 2n : 10n) ** BigInt(power);
  const isFast = power <= (isBinary ? FAST_POWER_OF_TWO_MAX : 9);
  return { units, fastUnits: isFast ? Number(units) : 0, offsetSeconds };
}

export const MICROSECOND_SCALE = timeScale(6, 0);

/** Puts the instant of the 64 bits `high`, `low` into `out`. */
export function readTime(high: number, low: number, scale: TimeScale, out: Seconds): void {
  if (scale.fastUnits === 0) readSlowly(high, low, scale, out);
  else readFast(high, low, scale, out);
}

/** Long division in 16-bit digits: no intermediate leaves 2^53. */
function readFast(high: number, low: number, scale: TimeScale, out: Seconds): void {
  const units = scale.fastUnits;
  const first = Math.floor(high / units);
  const middle = (high - first * units) * 0x1_0000 + (low >>> 16);
  const second = Math.floor(middle / units);
  const last = (middle - second * units) * 0x1_0000 + (low & 0xffff);
  const third = Math.floor(last / units);
  out.seconds = first * 0x1_0000_0000 + second * 0x1_0000 + third + scale.offsetSeconds;
  out.nanoseconds = Math.floor(((last - third * units) * NANOS) / units);
}

function readSlowly(high: number, low: number, scale: TimeScale, out: Seconds): void {
  const ticks = BigInt(high) * 0x1_0000_0000n + BigInt(low);
  out.seconds = Number(ticks / scale.units) + scale.offsetSeconds;
  out.nanoseconds = Number(((ticks % scale.units) * 1_000_000_000n) / scale.units);
}
