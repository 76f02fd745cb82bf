// The applications of the processes that stay: one command each, loaded without any of the others, which would stay in memory for as long.

import { type Application, buildRouteMap } from '@stricli/core';
import { applicationOf } from './application.ts';
import type { PicketContext } from './context.ts';

type Command = Awaited<ReturnType<typeof controllerRun>>;

/** Null where the words lead to no command that stays. */
export async function residentApp(
  words: readonly string[],
  version: string,
): Promise<Application<PicketContext> | null> {
  const [group = '', verb] = words;
  if (verb !== 'run') return null;
  const load = new Map([
    ['agent', agentRun],
    ['controller', controllerRun],
  ]).get(group);
  return load === undefined ? null : applicationWith(group, await load(), version);
}

async function agentRun() {
  return (await import('./commands/host/agent-run.ts')).runCommand;
}

async function controllerRun() {
  return (await import('./commands/controller/run.ts')).runCommand;
}

function applicationWith(group: string, run: Command, version: string): Application<PicketContext> {
  const below = buildRouteMap({ routes: { run }, docs: { brief: 'Processes that stay' } });
  return applicationOf(buildRouteMap({ routes: { [group]: below }, docs: { brief: 'Picket' } }), version);
}
