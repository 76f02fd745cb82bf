// Where an agent lives: its state on disk and its socket. Flags that every command of a running gateway shares. No request is made here.

import { type AgentClient, agentClient, RUN_DIRECTORY, SOCKET_NAME, STATE_DIRECTORY } from '#agent';
import { word } from '../commands/parameters.ts';
import type { Desk } from '../context.ts';
import { shellWord } from '../output/text.ts';

export interface PlaceFlags {
  readonly socket?: string;
}

export interface StateFlags extends PlaceFlags {
  readonly state?: string;
}

export const SOCKET_FLAG = {
  kind: 'parsed',
  parse: word,
  optional: true,
  brief: `Socket of the agent [${RUN_DIRECTORY}/${SOCKET_NAME}]`,
  placeholder: 'PATH',
} as const;

export const STATE_FLAG = {
  kind: 'parsed',
  parse: word,
  optional: true,
  brief: `Where the agent keeps its state [${STATE_DIRECTORY}]`,
  placeholder: 'DIR',
} as const;

export function socketOf({ socket }: PlaceFlags): string {
  return socket ?? `${RUN_DIRECTORY}/${SOCKET_NAME}`;
}

export function stateOf({ state }: StateFlags): string {
  return state ?? STATE_DIRECTORY;
}

/** The flag that leads the next command to the same agent; '' for the usual one. */
export function placeWords({ socket }: PlaceFlags): string {
  return socket === undefined ? '' : ` --socket ${shellWord(socket)}`;
}

/** The agent behind the socket, asked in the name of this process. */
export function agentOf({ io: { machine } }: Pick<Desk, 'io'>, flags: PlaceFlags): AgentClient {
  const caller = { pid: machine.pid, sshConnection: machine.environment('SSH_CONNECTION') };
  return agentClient({ socket: socketOf(flags), caller });
}
