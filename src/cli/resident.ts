// The applications of one command, loaded without any of the others: processes that stay, in whose memory the others would stay as well, and the first command that
// anybody gives, which is waited for.

import { type Application, buildRouteMap } from '@stricli/core';
import { applicationOf } from './application.ts';
import type { PicketContext } from './context.ts';

type Run = Awaited<ReturnType<typeof controllerRun>>;

/** Null where the words lead to none of them. */
export async function residentApp(
  words: readonly string[],
  version: string,
): Promise<Application<PicketContext> | null> {
  const [group = '', verb] = words;
  if (group === 'up') return applicationOf(await upRoot(), version);
  if (verb !== 'run') return null;
  const load = new Map([
    ['agent', agentRun],
    ['controller', controllerRun],
  ]).get(group);
  return load === undefined ? null : applicationWith(group, await load(), version);
}

async function upRoot() {
  const { upCommand } = await import('./commands/host/up.ts');
  return buildRouteMap({ routes: { up: upCommand }, docs: { brief: 'Picket' } });
}

async function agentRun() {
  return (await import('./commands/host/agent-run.ts')).runCommand;
}

async function controllerRun() {
  return (await import('./commands/controller/run.ts')).runCommand;
}

function applicationWith(group: string, run: Run, version: string): Application<PicketContext> {
  const below = buildRouteMap({ routes: { run }, docs: { brief: 'Processes that stay' } });
  return applicationOf(buildRouteMap({ routes: { [group]: below }, docs: { brief: 'Picket' } }), version);
}
