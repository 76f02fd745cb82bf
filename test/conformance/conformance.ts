// The suite that every decider passes: scripts with answers worked out by hand from docs/semantics.md.

import { describe, expect, it } from 'vitest';
import { runScript } from './scripts.ts';
import { amountScripts } from './scripts-amounts.ts';
import { cornerScripts } from './scripts-corners.ts';
import { drainScripts } from './scripts-drain.ts';
import { endScripts } from './scripts-ends.ts';
import { openingScripts } from './scripts-opening.ts';
import { timeScripts } from './scripts-time.ts';
import type { DeciderFactory } from './telling.ts';

export function conformance(name: string, factory: DeciderFactory): void {
  describe(`${name} judges by the page`, () => {
    it.each([...endScripts, ...openingScripts, ...amountScripts, ...timeScripts, ...cornerScripts, ...drainScripts])(
      '$title',
      (script) => {
        const { answers, events } = runScript(script, factory);
        expect(answers).toEqual(
          script.lines.flatMap((line) => (line.packet === undefined ? [] : [line.gives ?? 'permit'])),
        );
        if (script.events !== undefined) expect(events).toEqual(script.events);
      },
    );
  });
}
