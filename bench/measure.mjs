// CPU time, interleaved rounds, medians: what every benchmark here shares.

const ROUNDS = 5;

/** Median CPU seconds of each contender over interleaved rounds. A contender is a function that does its whole work once; the first round warms up. */
export async function interleaved(contenders) {
  const seconds = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, work] of Object.entries(contenders)) {
      const before = process.cpuUsage();
      const outside = await work();
      const used = process.cpuUsage(before);
      const spent = outside ?? (used.user + used.system) / 1e6;
      if (round > 0) seconds[name].push(spent);
    }
  }
  return Object.fromEntries(Object.entries(seconds).map(([name, list]) => [name, median(list)]));
}

function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
