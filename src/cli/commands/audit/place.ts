// Where a ledger lies, which of its records are meant, and how its refusals end a command.

import type { LedgerError, LedgerRecord } from '#ledger';
import { MILLISECOND } from '#model';
import type { Desk } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { Failure, type FailureCode, isCodeOf, wrongUsage } from '../../failure.ts';
import { type Controller, LOCAL, REMOTE_FLAGS, type RemoteFlags, remoteOf } from '../../remote/controller.ts';
import { instantFlag } from '../../times.ts';
import { word } from '../parameters.ts';

/** The ledger of a controller that keeps its data where the service unit says. */
export const LEDGER_DIRECTORY = '/var/lib/picket/controller/ledger';

export const LEDGER_PLACE = {
  kind: 'tuple',
  parameters: [
    {
      parse: word,
      brief: `ledger folder of a controller, or a file of "picket audit export"; if not stated, the controller of the context, or ${LEDGER_DIRECTORY}`,
      placeholder: 'PATH',
      optional: true,
    },
  ],
} as const;

export interface RangeFlags {
  readonly from?: string;
  readonly to?: string;
  readonly domain?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly on?: string;
}

export const ON_FLAG = {
  ...REMOTE_FLAGS.on,
  brief: 'Context to ask, or "local" for the ledger of this machine [the current context]',
};

const RANGE = { kind: 'parsed', parse: word, optional: true, placeholder: 'N|T' } as const;
const NAME = { kind: 'parsed', parse: word, optional: true } as const;

export const RANGE_FLAGS = {
  from: { ...RANGE, brief: 'From this record on, or from this time: 120, 2026-03-01, 2026-03-01T08:00' },
  to: { ...RANGE, brief: 'Up to this record, included, or up to this time, excluded' },
  domain: { ...NAME, brief: "Only acts of this domain [at a controller: the context's]", placeholder: 'DOMAIN' },
  actor: { ...NAME, brief: 'Only acts of whom this is the name or id', placeholder: 'NAME' },
  action: { ...NAME, brief: 'Only this action, or all that begin so: policy, policy.apply', placeholder: 'ACTION' },
  on: ON_FLAG,
} as const;

export interface Wanted {
  readonly from: number;
  readonly to: number;
  readonly isWanted: (record: LedgerRecord) => boolean;
}

/** Which records the flags mean: a range of numbers, and what has to hold of each. */
export function wantedOf({ io }: Desk, flags: RangeFlags): Wanted {
  const zone = io.machine.timezone;
  const from = edgeOf('from', flags.from, zone);
  const to = edgeOf('to', flags.to, zone);
  const { domain, actor, action } = flags;
  return {
    from: from?.sequence ?? 1,
    to: to?.sequence ?? Number.MAX_SAFE_INTEGER,
    isWanted: ({ at, act, actor: doer }) =>
      at >= (from?.millis ?? 0) &&
      at < (to?.millis ?? Number.POSITIVE_INFINITY) &&
      (domain === undefined || act.domain === domain) &&
      (actor === undefined || doer.id === actor || doer.name === actor) &&
      (action === undefined || act.action === action || act.action.startsWith(`${action}.`)),
  };
}

/** Times that the flags mean, for a list that goes by time alone. */
export function timesOf({ io }: Desk, flags: RangeFlags): { readonly from?: string; readonly to?: string } {
  const zone = io.machine.timezone;
  const timeOf = (name: 'from' | 'to'): string | null => {
    const edge = edgeOf(name, flags[name], zone);
    if (edge?.sequence === undefined) return edge?.millis === undefined ? null : new Date(edge.millis).toISOString();
    throw wrongUsage(`--${name} takes a time here: a controller lists by time`, 'by numbers: picket audit export');
  };
  const [from, to] = [timeOf('from'), timeOf('to')];
  return { ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) };
}

/** The controller that is meant; null for a ledger that is read here. */
export async function ledgerAt(
  desk: Desk,
  flags: Pick<RemoteFlags, 'on' | 'domain'>,
  path: string | undefined,
): Promise<Controller | null> {
  if (path === undefined) return remoteOf(desk, flags);
  if (flags.on === undefined || flags.on === LOCAL) return null;
  throw wrongUsage('a ledger that is read here was named, and a controller as well', 'leave one of them out');
}

interface Edge {
  readonly sequence?: number;
  readonly millis?: number;
}

function edgeOf(name: string, text: string | undefined, zone: string): Edge | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) {
    const sequence = Number.parseInt(text, 10);
    if (sequence === 0) throw wrongUsage(`cannot read "0" for --${name}`, 'records are numbered from 1');
    return { sequence };
  }
  return { millis: Math.floor(instantFlag(name, text, zone) / MILLISECOND) };
}

const EXITS: ReadonlyMap<string, Exit> = new Map([
  ['PICKET-C207', EXIT.wrongUsage],
  ['PICKET-C208', EXIT.wrongUsage],
  ['PICKET-C212', EXIT.notFound],
]);

/** Runs what works on a ledger; its refusals become failures of the command. */
export async function withLedger<T>(work: (ledger: typeof import('#ledger')) => Promise<T>): Promise<T> {
  // Loaded here, because it brings the database's files along, and most commands need none of it.
  const ledger = await import('#ledger');
  try {
    return await work(ledger);
  } catch (error) {
    if (error instanceof ledger.LedgerError) throw failureOf(error);
    throw error;
  }
}

function failureOf({ code, message, help }: LedgerError): Failure {
  const known: FailureCode = isCodeOf(code, 'C') ? code : 'PICKET-I099';
  return new Failure({ code: known, exit: EXITS.get(code) ?? EXIT.failed, message, help });
}
