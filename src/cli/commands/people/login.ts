// `picket login` and `picket logout`: a session of a controller for this user's commands. The person proves who they are in a browser; no secret is typed on a command line.

import { buildCommand } from '@stricli/core';
import type { Client, Routes } from '#routes';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { Failure, wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { safeText } from '../../output/text.ts';
import { answeredBy } from '../../remote/asking.ts';
import { type Contexts, readContexts, writeContexts } from '../../remote/contexts.ts';
import { controllerOf, REMOTE_FLAGS, type RemoteFlags, reachedAt } from '../../remote/controller.ts';
import { trustedAuthority } from '../../remote/trust.ts';
import { addressOf } from '../../remote/url.ts';
import { word } from '../parameters.ts';
import { type Granted, grantedByCode, grantedByIssuer, tokenGiven } from './means.ts';

interface Flags {
  readonly name?: string;
  readonly domain?: string;
  readonly oidc?: string;
  readonly token?: boolean;
  readonly device?: boolean;
  readonly ca?: string;
  readonly fingerprint?: string;
}

const OPTIONAL = { kind: 'parsed', parse: word, optional: true } as const;
const SWITCH = { kind: 'boolean', optional: true, withNegated: false } as const;

export const loginCommand = buildCommand<Flags, [url: string], PicketContext>({
  func: command(login),
  parameters: {
    flags: {
      device: { ...SWITCH, brief: 'Let this program in from a browser, by a code [this is what happens anyway]' },
      oidc: { ...OPTIONAL, brief: 'Log on at this identity provider instead', placeholder: 'ISSUER' },
      token: { ...SWITCH, brief: 'Read an API token from standard input instead' },
      name: { ...OPTIONAL, brief: 'Name of the context [the host]', placeholder: 'NAME' },
      domain: { ...REMOTE_FLAGS.domain, brief: 'Domain that commands mean [the only one, if there is one]' },
      ca: { ...OPTIONAL, brief: 'PEM file of the authority of the controller', placeholder: 'FILE' },
      fingerprint: { ...OPTIONAL, brief: 'SHA-256 of that authority, as the controller tells it', placeholder: 'HEX' },
    },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: word, brief: 'address of the controller', placeholder: 'URL' }],
    },
  },
  docs: {
    brief: 'Log on to a controller; commands go there from then on',
    fullDescription: description(
      'Shows a code and a page; whoever opens the page in a browser, logs on there and says yes lets this program in. The authority of the controller is kept, and only that one is believed from then on.',
      [
        { line: 'picket login https://picket.example:7443', what: 'log on from a browser' },
        { line: 'picket login picket.example --token < token.txt', what: 'with an API token, for programs' },
      ],
    ),
  },
});

async function login(desk: Desk, flags: Flags, text: string): Promise<Exit> {
  if ([flags.oidc !== undefined, flags.token === true, flags.device === true].filter(Boolean).length > 1)
    throw wrongUsage('--device, --oidc and --token are three ways to log on', 'choose one');
  const { host, port, url } = addressOf(text);
  const contexts = await readContexts(desk);
  const name = flags.name ?? host;
  refuseTaken(contexts, name, url);
  const authority = await trustedAuthority(desk, { host, port }, flags);
  const endpoint = { host, port, authority };
  const { client, routes } = await reachedAt(desk, endpoint, null);
  const granted = await grantedTo(desk, { client, routes }, flags);
  const reached = await reachedAt(desk, endpoint, granted.secret);
  const { value: me } = await answeredBy(desk, reached.client.call(routes.me.show, {}));
  const domains = Object.keys(me.roles).filter((domain) => domain !== '*');
  const domain = flags.domain ?? (domains.length === 1 ? (domains[0] ?? null) : null);
  const context = { url, authority, domain, secret: granted.secret, who: me.name, endsAt: granted.endsAt };
  await writeContexts(desk, { current: name, all: new Map([...contexts.all, [name, context]]) });
  desk.paper.line(`Logged on to ${safeText(url)} as ${safeText(me.name)}. Commands go there from now on.`);
  if (domain !== null) desk.paper.line(`They mean the domain ${safeText(domain)}.`);
  else if (domains.length > 1)
    desk.paper.line(`Choose a domain: picket context use ${safeText(name)} --domain ${safeText(domains[0] ?? 'ID')}`);
  desk.paper.line('Undo: picket logout');
  return EXIT.done;
}

function refuseTaken({ all }: Contexts, name: string, url: string): void {
  const held = all.get(name);
  if (held === undefined || held.url === url) return;
  throw wrongUsage(
    `the context "${safeText(name)}" is of another controller, ${safeText(held.url)}; nothing was done`,
    'choose another name with --name',
  );
}

interface Reached {
  readonly client: Client;
  readonly routes: Routes;
}

function grantedTo(desk: Desk, reached: Reached, flags: Flags): Promise<Granted> {
  if (flags.token === true) return tokenGiven(desk);
  if (flags.oidc !== undefined) return grantedByIssuer(desk, reached, flags.oidc);
  return grantedByCode(desk, reached);
}

export const logoutCommand = buildCommand<Pick<RemoteFlags, 'on'>, [], PicketContext>({
  func: command(logout),
  parameters: { flags: { on: REMOTE_FLAGS.on } },
  docs: {
    brief: 'End the session of a context at the controller, and forget its secret',
    fullDescription: description(
      'Ends the session at once, on every controller, and forgets its secret here. The context stays, for the next logon. An API token is only forgotten here: it may be used elsewhere.',
      [{ line: 'picket logout', what: 'end the session of the current context' }],
    ),
  },
});

async function logout(desk: Desk, flags: Pick<RemoteFlags, 'on'>): Promise<Exit> {
  const { client, routes, name, context } = await controllerOf(desk, flags);
  if (context.secret === null) {
    desk.say(`You are not logged on to "${safeText(name)}".`);
    return EXIT.done;
  }
  const isSession = context.secret.startsWith('pks_');
  const outcome = isSession ? await client.call(routes.account.logout, {}) : null;
  await forgetSecret(desk, name);
  if (outcome === null) desk.say('The API token is forgotten here. It holds until it is removed: picket tokens api rm');
  else if (outcome.kind === 'answer') desk.say(`Logged out of ${safeText(context.url)}.`);
  else if (outcome.kind === 'refused' && outcome.problem.status === 401)
    desk.say('The session was over already; its secret is forgotten here.');
  else
    throw new Failure({
      code: outcome.kind === 'refused' ? 'PICKET-C450' : outcome.code,
      exit: EXIT.unreachable,
      message: 'the secret is forgotten here, but the controller was not told: the session goes on until it runs out',
      help: 'end it from elsewhere with: picket sessions end',
    });
  return EXIT.done;
}

async function forgetSecret(desk: Desk, name: string): Promise<void> {
  const { current, all } = await readContexts(desk);
  const changed = [...all].map(
    ([one, context]) => [one, one === name ? { ...context, secret: null, endsAt: null } : context] as const,
  );
  await writeContexts(desk, { current, all: new Map(changed) });
}
