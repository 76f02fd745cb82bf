// The controller that a command speaks to: chosen by --on or the current context, reached over verified TLS. No request is made here.

import type { Client, Routes } from '#routes';
import { word } from '../commands/parameters.ts';
import type { Desk } from '../context.ts';
import { EXIT } from '../exits.ts';
import { Failure } from '../failure.ts';
import type { Endpoint } from '../machine.ts';
import { type Context, contextNamed, hasContextsPath, readContexts } from './contexts.ts';
import { addressOf } from './url.ts';

/** `--on local` is the agent of this machine, whatever the current context. */
export const LOCAL = 'local';

export interface RemoteFlags {
  readonly on?: string;
  readonly domain?: string;
}

export const REMOTE_FLAGS = {
  on: {
    kind: 'parsed',
    parse: word,
    optional: true,
    brief: 'Context to ask, or "local" for the agent of this machine [the current context]',
    placeholder: 'NAME',
  },
  domain: {
    kind: 'parsed',
    parse: word,
    optional: true,
    brief: "Domain of the controller [the context's]",
    placeholder: 'ID',
  },
} as const;

export interface Controller {
  /** Name of the context. */
  readonly name: string;
  readonly context: Context;
  readonly client: Client;
  /** The route table, loaded only where a controller is asked: commands of files need not wait for it. */
  readonly routes: Routes;
  /** The domain meant; fails where neither the command nor the context states one. */
  readonly domain: () => string;
}

/** Null where the command means the agent of this machine. */
export async function remoteOf(desk: Pick<Desk, 'io'>, flags: RemoteFlags): Promise<Controller | null> {
  if (flags.on === LOCAL) return null;
  if (flags.on === undefined && !hasContextsPath(desk)) return null;
  const contexts = await readContexts(desk);
  const name = flags.on ?? contexts.current;
  if (name === null) return null;
  return controllerAt(desk, { name, context: contextNamed(contexts, name), flags });
}

/** For commands that only a controller can answer. */
export async function controllerOf(desk: Pick<Desk, 'io'>, flags: RemoteFlags): Promise<Controller> {
  const controller = await remoteOf(desk, flags);
  if (controller !== null) return controller;
  throw new Failure({
    code: 'PICKET-C900',
    exit: EXIT.notAllowed,
    message: 'this needs a controller, and you are logged on to none',
    help: 'log on with: picket login URL; or choose one with: picket context use NAME',
  });
}

interface At {
  readonly name: string;
  readonly context: Context;
  readonly flags: RemoteFlags;
}

export async function controllerAt(desk: Pick<Desk, 'io'>, { name, context, flags }: At): Promise<Controller> {
  const { host, port } = addressOf(context.url);
  const reached = await reachedAt(desk, { host, port, authority: context.authority }, context.secret);
  return {
    name,
    context,
    ...reached,
    domain: () => {
      const domain = flags.domain ?? context.domain;
      if (domain !== null) return domain;
      throw new Failure({
        code: 'PICKET-C910',
        exit: EXIT.wrongUsage,
        message: 'which domain is not stated',
        help: 'add --domain ID; picket whoami lists yours',
      });
    },
  };
}

/** A client of an endpoint that is in no context yet. */
export async function reachedAt(
  { io }: Pick<Desk, 'io'>,
  endpoint: Endpoint,
  secret: string | null,
): Promise<Pick<Controller, 'client' | 'routes'>> {
  const { controllerClient, routes } = await import('#routes');
  const client = controllerClient(io.machine.https(endpoint), {
    host: hostHeader(endpoint),
    'user-agent': `picket/${io.version}`,
    ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
  });
  return { client, routes };
}

function hostHeader({ host, port }: Endpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
