// Changes and deeds of one command at whichever place is meant: the agent of this machine, or a controller. Not the requests themselves.

import type { AgentClient, ChangeRequest, PlanAnswer } from '#agent';
import type { Outcome } from '#routes';
import type { Desk } from '../context.ts';
import type { Exit } from '../exits.ts';
import { type AskFlags, type ChangeFlags, changePolicy, doDeed } from '../live/change.ts';
import { agentOf } from '../live/place.ts';
import { type Change, type ChangeHow, changeAt, changedAt, placeOf } from './change.ts';
import type { Controller, RemoteFlags } from './controller.ts';

/** The same change, as it is asked of each place; once for the plan and once for the deed. */
export interface ChangeOfBoth {
  readonly here: (agent: AgentClient, how: ChangeRequest) => Promise<PlanAnswer>;
  readonly there: (controller: Controller, how: ChangeHow) => Promise<Outcome<Change>>;
}

export async function changeEither(
  desk: Desk,
  flags: ChangeFlags & RemoteFlags,
  { here, there }: ChangeOfBoth,
): Promise<Exit> {
  const controller = await changedAt(desk, flags);
  if (controller !== null) return changeAt(desk, flags, (how) => there(controller, how));
  const agent = agentOf(desk, flags);
  return changePolicy(desk, flags, { ask: (how) => here(agent, how) });
}

interface Done {
  readonly message: string;
  readonly undo: string | null;
}

export interface DeedOfBoth {
  readonly plan: string;
  readonly here: (agent: AgentClient) => Promise<Done>;
  readonly there: (controller: Controller) => Promise<Done>;
}

export async function doEither(
  desk: Desk,
  flags: AskFlags & RemoteFlags,
  { plan, here, there }: DeedOfBoth,
): Promise<Exit> {
  const controller = await changedAt(desk, flags);
  if (controller === null) return doDeed(desk, flags, { plan, ask: () => here(agentOf(desk, flags)) });
  const ask = async () => {
    const { message, undo } = await there(controller);
    return { schema: 'picket.done/v1', message, undo: undo === null ? null : `${undo}${placeOf(flags)}` };
  };
  return doDeed(desk, flags, { plan, ask });
}
