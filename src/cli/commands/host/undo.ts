// `picket undo`: the policy that was in force before, once more. A change like any other: planned, asked, confirmed.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import type { Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { CHANGE_FLAGS, type ChangeFlags, changePolicy } from '../../live/change.ts';
import { agentOf } from '../../live/place.ts';
import { changedAt } from '../../remote/change.ts';
import { REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { undoAt } from '../../remote/policy.ts';
import { word } from '../parameters.ts';

interface Flags extends ChangeFlags, RemoteFlags {
  readonly to?: string;
}

export const undoCommand = buildCommand<Flags, [], PicketContext>({
  func: command(undo),
  parameters: {
    flags: {
      ...CHANGE_FLAGS,
      ...REMOTE_FLAGS,
      to: {
        kind: 'parsed',
        parse: word,
        optional: true,
        brief: 'Revision to bring back; the one before if not stated',
        placeholder: 'N',
      },
    },
  },
  docs: {
    brief: 'Bring back the policy that was in force before',
    fullDescription: description(
      'Puts the revision before the one in force, or the one named, in force again, as a new revision. To take back what still waits for its confirmation use "picket policy rollback".',
      [
        { line: 'picket undo', what: 'the last change' },
        { line: 'picket undo --to 4', what: 'revision 4 of "picket policy history"' },
      ],
    ),
  },
});

async function undo(desk: Desk, flags: Flags): Promise<Exit> {
  const which: { readonly revision?: number } = flags.to === undefined ? {} : { revision: revisionOf(flags.to) };
  const controller = await changedAt(desk, flags);
  if (controller !== null) return undoAt(desk, flags, { controller, revision: which.revision ?? null });
  const agent = agentOf(desk, flags);
  return changePolicy(desk, flags, { ask: (how) => agent.ask('undo', { ...how, ...which }) });
}

export function revisionOf(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw wrongUsage(`cannot read "${text}" as a revision`, 'revisions are numbers: picket policy history');
  return Number(text);
}
