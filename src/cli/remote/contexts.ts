// Contexts: the controllers that this user is logged on to, in one file that only this user may read. Not the logon itself.

import type { Desk } from '../context.ts';
import { EXIT } from '../exits.ts';
import { Failure } from '../failure.ts';
import { nearest } from '../output/nearest.ts';
import { safeText } from '../output/text.ts';

/** How commands reach one controller, and as whom. */
export interface Context {
  /** `https://host:port`. */
  readonly url: string;
  /** PEM of the only authority that is believed for it; null: those of this system. */
  readonly authority: string | null;
  /** The domain that commands mean where none is stated. */
  readonly domain: string | null;
  /** Sent as bearer; null after a logout. */
  readonly secret: string | null;
  /** Who it was when it was made, for lists. */
  readonly who: string;
  /** ISO time after which the secret is over; null where it is not known. */
  readonly endsAt: string | null;
}

export interface Contexts {
  /** Name of the one that commands use; null: the local agent. */
  readonly current: string | null;
  readonly all: ReadonlyMap<string, Context>;
}

/** Nobody has more controllers; the file is read by every command. */
export const CONTEXTS_MAX = 100;
const SCHEMA = 'picket.contexts/v1';
const OTHERS_BITS = 0o077;

/** Where the contexts are: PICKET_CONTEXTS, or below XDG_CONFIG_HOME or HOME. */
export function contextsPath({ io: { machine } }: Pick<Desk, 'io'>): string {
  const named = machine.environment('PICKET_CONTEXTS');
  if (named !== null) return named;
  const home = machine.environment('HOME');
  const folder = machine.environment('XDG_CONFIG_HOME') ?? (home === null ? null : `${home}/.config`);
  if (folder !== null) return `${folder}/picket/contexts.json`;
  throw broken('cannot tell where contexts are kept: neither HOME nor PICKET_CONTEXTS is set', 'set one of them');
}

/** False for a service without a home: it has logged on to nothing. */
export function hasContextsPath({ io: { machine } }: Pick<Desk, 'io'>): boolean {
  return ['PICKET_CONTEXTS', 'XDG_CONFIG_HOME', 'HOME'].some((name) => machine.environment(name) !== null);
}

export async function readContexts(desk: Pick<Desk, 'io'>): Promise<Contexts> {
  const { machine } = desk.io;
  const path = contextsPath(desk);
  const entry = await machine.entry(path);
  if (entry === null) return { current: null, all: new Map() };
  if ((entry.mode & OTHERS_BITS) !== 0)
    throw new Failure({
      code: 'PICKET-C903',
      exit: EXIT.refused,
      message: `refused: others may read "${safeText(path)}", which holds your logons; nothing was done`,
      help: `take it from them with: chmod 600 ${safeText(path)}`,
    });
  const contexts = parsed(await machine.text(path));
  if (contexts !== null) return contexts;
  throw broken(`cannot read the contexts in "${safeText(path)}"; nothing was done`, 'remove the file and log on anew');
}

export async function writeContexts(desk: Pick<Desk, 'io'>, { current, all }: Contexts): Promise<void> {
  const contexts = Object.fromEntries([...all].slice(0, CONTEXTS_MAX));
  const text = `${JSON.stringify({ schema: SCHEMA, current, contexts }, null, 2)}\n`;
  await desk.io.machine.keepSecret(contextsPath(desk), text);
}

/** The context of a name. */
export function contextNamed({ all }: Contexts, name: string): Context {
  const context = all.get(name);
  if (context !== undefined) return context;
  const guess = nearest(name, [...all.keys()]);
  throw new Failure({
    code: 'PICKET-C901',
    exit: EXIT.notFound,
    message: `there is no context "${safeText(name)}"`,
    help: guess === null ? 'picket context ls lists them; make one with: picket login URL' : `did you mean "${guess}"?`,
  });
}

function broken(message: string, help: string): Failure {
  return new Failure({ code: 'PICKET-C902', exit: EXIT.failed, message, help });
}

function parsed(text: string | null): Contexts | null {
  const value = jsonOf(text ?? '');
  if (!isRecord(value) || value.schema !== SCHEMA || !isRecord(value.contexts)) return null;
  const all = new Map<string, Context>();
  for (const [name, one] of Object.entries(value.contexts)) {
    const context = contextOf(one);
    if (context === null) return null;
    all.set(name, context);
  }
  const { current } = value;
  return { current: typeof current === 'string' && all.has(current) ? current : null, all };
}

function contextOf(value: unknown): Context | null {
  if (!isRecord(value) || typeof value.url !== 'string' || typeof value.who !== 'string') return null;
  const { url, who } = value;
  return {
    url,
    who,
    authority: textOf(value.authority),
    domain: textOf(value.domain),
    secret: textOf(value.secret),
    endsAt: textOf(value.endsAt),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
