// The limit of this machine's memory, by a small C program where a compiler is installed. Not a benchmark of Picket.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TOUCHES = 20_000_000;

/** Compiles the probe; null without a compiler. Answers a function of a footprint in bytes, and one that cleans up. */
export function buildProbe() {
  const folder = mkdtempSync(join(tmpdir(), 'picket-probe-'));
  const program = join(folder, 'probe');
  const built = spawnSync('cc', ['-O2', '-o', program, fileURLToPath(new URL('probe.c', import.meta.url))]);
  if (built.status !== 0) {
    rmSync(folder, { recursive: true });
    return null;
  }
  return {
    /** Nanoseconds a line, without and with prefetch. */
    run(bytes) {
      const { stdout } = spawnSync(program, [String(bytes), String(TOUCHES)], { encoding: 'utf8' });
      const [plain, prefetched] = stdout.trim().split('\n').map(Number);
      return { plain, prefetched };
    },
    end: () => rmSync(folder, { recursive: true }),
  };
}
