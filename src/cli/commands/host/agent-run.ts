// `picket agent run`: the process that holds a gateway, for service managers and for `picket up`.

import { buildCommand } from '@stricli/core';
import { runAgent, SOCKET_NAME } from '#agent';
import { command, type Desk, type PicketContext } from '../../context.ts';
import type { Surroundings } from '../../doctor/checked.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { answered } from '../../live/asking.ts';
import { refuseUnfit } from '../../live/begin.ts';
import { SOCKET_FLAG, STATE_FLAG, type StateFlags } from '../../live/place.ts';
import { surroundingsOf } from './doctor.ts';

interface Flags extends StateFlags {
  readonly checked?: boolean;
}

export const runCommand = buildCommand<Flags, [], PicketContext>({
  func: command(run),
  parameters: {
    flags: {
      state: STATE_FLAG,
      socket: SOCKET_FLAG,
      checked: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'What "picket doctor" looks at was found right just now',
      },
    },
  },
  docs: {
    brief: 'Hold the gateway in this process, until told to end',
    fullDescription: description(
      'What "picket up" starts and what a service manager runs. Facts go to stderr, one line each. SIGTERM ends it and leaves the table: grants run out, denials stay.',
      [{ line: 'picket agent run', what: 'see packaging/systemd/picket.service' }],
    ),
  },
});

async function run(desk: Desk, flags: Flags): Promise<Exit> {
  const surroundings = surroundingsOf(desk.io, flags);
  if (flags.checked !== true) await refuseUnfit(desk, surroundings);
  return runHere(desk, surroundings);
}

/** Holds the gateway in this process until it is told to end, or the agent ends by itself. */
export async function runHere(desk: Desk, { stateFolder, socket }: Surroundings): Promise<Exit> {
  const { io, say } = desk;
  const told = new AbortController();
  io.machine.onTold(() => told.abort());
  const how = await answered(desk, () =>
    runAgent({
      stateDirectory: stateFolder,
      runDirectory: runFolderOf(socket),
      version: io.version,
      now: () => io.now(),
      log: say,
      signal: told.signal,
      onReady: (path) => say(`ready, listening at ${path}`),
    }),
  );
  say(how === 'stop' ? 'ended; the table stays: denials hold, grants run out' : 'ended; everything was taken back');
  return EXIT.done;
}

/** An agent names its socket itself: what can be chosen is the folder. */
function runFolderOf(socket: string): string {
  const end = `/${SOCKET_NAME}`;
  if (socket.endsWith(end) && socket !== end) return socket.slice(0, -end.length);
  throw wrongUsage(`an agent cannot listen at "${socket}"`, `name a path that ends in ${end}`);
}
