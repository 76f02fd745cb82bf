// A small seeded random source (mulberry32): the same seed gives the same stories on every machine. Not for secrets.

export interface Random {
  /** Below 1, from 0. */
  unit(): number;
  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number;
  pick<T>(from: readonly [T, ...T[]]): T;
  /** True in about `share` of all calls. */
  chance(share: number): boolean;
  /** From none to `most` values. */
  some<T>(most: number, make: () => T): readonly T[];
}

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (from: number, to: number): number => from + Math.floor(unit() * (to - from + 1));
  const random: Random = {
    unit,
    whole,
    pick: (from) => from[whole(0, from.length - 1)] ?? from[0],
    chance: (share) => unit() < share,
    some: (most, make) => Array.from({ length: whole(0, most) }, make),
  };
  return random;
}
