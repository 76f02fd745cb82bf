// `picket elements quarantine` and `release`: an element is cut off at once, and let back.

import { buildCommand } from '@stricli/core';
import { SECOND } from '#model';
import { command, type Desk, type PicketContext } from '../../context.ts';
import type { Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { ASK_FLAGS, type AskFlags, doDeed } from '../../live/change.ts';
import { agentOf } from '../../live/place.ts';
import { durationFlag } from '../../times.ts';
import { word } from '../parameters.ts';

interface QuarantineFlags extends AskFlags {
  readonly for?: string;
  readonly reason?: string;
  readonly force?: boolean;
}

const ELEMENT = {
  kind: 'tuple',
  parameters: [{ parse: word, brief: 'element of the policy', placeholder: 'ELEMENT' }],
} as const;

export const quarantineCommand = buildCommand<QuarantineFlags, [element: string], PicketContext>({
  func: command(quarantine),
  parameters: {
    flags: {
      ...ASK_FLAGS,
      for: {
        kind: 'parsed',
        parse: word,
        optional: true,
        brief: 'How long; until released if not stated',
        placeholder: 'TIME',
      },
      reason: { kind: 'parsed', parse: word, optional: true, brief: 'Why, for the record', placeholder: 'TEXT' },
      force: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Also where it is marked safety-critical',
      },
    },
    positional: ELEMENT,
  },
  docs: {
    brief: 'Cut an element off at once',
    fullDescription: description(
      'Everything from and to the element is denied, sessions that are open included, whatever its mode. Its quotas and its place in the policy stay.',
      [{ line: 'picket elements quarantine cam-lobby --for 2h --reason "scans"', what: 'two hours' }],
    ),
  },
});

export const releaseCommand = buildCommand<AskFlags, [element: string], PicketContext>({
  func: command(release),
  parameters: { flags: ASK_FLAGS, positional: ELEMENT },
  docs: {
    brief: 'End the quarantine of an element',
    fullDescription: description('The policy holds it again as before; sessions that were cut begin anew.', [
      { line: 'picket elements release cam-lobby', what: 'at once' },
    ]),
  },
});

function quarantine(desk: Desk, flags: QuarantineFlags, element: string): Promise<Exit> {
  const seconds = flags.for === undefined ? null : Math.floor(durationFlag('for', flags.for) / SECOND);
  if (seconds !== null && seconds < 1) throw wrongUsage(`--for ${flags.for} is less than a second`);
  const until = seconds === null ? 'until it is released' : `for ${flags.for}`;
  const takes = {
    element,
    reason: flags.reason ?? 'by hand',
    ...(seconds === null ? {} : { seconds }),
    ...(flags.force === true ? { isForced: true } : {}),
  };
  return doDeed(desk, flags, {
    plan: `everything from and to "${element}" is denied ${until}; its open sessions are cut`,
    ask: () => agentOf(desk, flags).ask('quarantine', takes),
  });
}

function release(desk: Desk, flags: AskFlags, element: string): Promise<Exit> {
  return doDeed(desk, flags, {
    plan: `"${element}" is held by the policy again, as before its quarantine`,
    ask: () => agentOf(desk, flags).ask('release', { element }),
  });
}
