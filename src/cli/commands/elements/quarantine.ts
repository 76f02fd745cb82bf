// `picket elements quarantine` and `release`: an element is cut off at once, and let back.

import { buildCommand } from '@stricli/core';
import { SECOND } from '#model';
import { command, type Desk, type PicketContext } from '../../context.ts';
import type { Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { ASK_FLAGS, type AskFlags } from '../../live/change.ts';
import { whenText } from '../../live/words.ts';
import { answeredBy } from '../../remote/asking.ts';
import { REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { doEither } from '../../remote/either.ts';
import { durationFlag } from '../../times.ts';
import { word } from '../parameters.ts';

interface Flags extends AskFlags, RemoteFlags {}

interface QuarantineFlags extends Flags {
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
      ...REMOTE_FLAGS,
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

export const releaseCommand = buildCommand<Flags, [element: string], PicketContext>({
  func: command(release),
  parameters: { flags: { ...ASK_FLAGS, ...REMOTE_FLAGS }, positional: ELEMENT },
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
  return doEither(desk, flags, {
    plan: `everything from and to "${element}" is denied ${until}; its open sessions are cut`,
    here: (agent) => agent.ask('quarantine', takes),
    there: async ({ client, routes, domain }) => {
      const { element: _, ...body } = takes;
      const asked = client.call(routes.quarantines.put, { params: { domain: domain(), element }, body });
      const { value } = await answeredBy(desk, asked);
      const lasts = value.until === null ? 'until it is released' : `until ${whenText(value.until)}`;
      return { message: `${element} is in quarantine ${lasts}`, undo: `picket elements release ${element}` };
    },
  });
}

function release(desk: Desk, flags: Flags, element: string): Promise<Exit> {
  return doEither(desk, flags, {
    plan: `"${element}" is held by the policy again, as before its quarantine`,
    here: (agent) => agent.ask('release', { element }),
    there: async ({ client, routes, domain }) => {
      await answeredBy(desk, client.call(routes.quarantines.end, { params: { domain: domain(), element } }));
      return { message: `${element} is released: the policy holds it as before`, undo: null };
    },
  });
}
