// The way of every command that changes a running gateway: show the plan, ask, do it, say how to take it back.

import type { ChangeRequest, PlanAnswer } from '#agent';
import { SECOND } from '#model';
import { word } from '../commands/parameters.ts';
import type { Desk } from '../context.ts';
import { EXIT, type Exit } from '../exits.ts';
import { Failure, wrongUsage } from '../failure.ts';
import { safeText } from '../output/text.ts';
import { durationFlag } from '../times.ts';
import { answered } from './asking.ts';
import { type PlaceFlags, placeWords, SOCKET_FLAG } from './place.ts';
import { printPlan } from './plan-print.ts';
import { clockText } from './words.ts';

export interface AskFlags extends PlaceFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export interface ChangeFlags extends AskFlags {
  readonly confirm?: string;
  readonly why?: string;
  readonly loseSession?: boolean;
  readonly local?: boolean;
}

const SWITCH = { kind: 'boolean', optional: true, withNegated: false } as const;

export const ASK_FLAGS = {
  yes: { ...SWITCH, brief: 'Do it without asking' },
  dryRun: { ...SWITCH, brief: 'Only show what would happen' },
  json: { ...SWITCH, brief: 'Print JSON' },
  socket: SOCKET_FLAG,
} as const;

export const CHANGE_FLAGS = {
  ...ASK_FLAGS,
  confirm: {
    kind: 'parsed',
    parse: word,
    optional: true,
    brief: 'Revert after this time unless confirmed; "none" keeps it at once [90s]',
    placeholder: 'TIME',
  },
  why: { kind: 'parsed', parse: word, optional: true, brief: 'Reason, kept in the history', placeholder: 'TEXT' },
  loseSession: { ...SWITCH, brief: 'Go on although your own connection would be denied' },
  local: { ...SWITCH, brief: 'In an emergency: here, although the policy comes from a domain' },
} as const;

/** Shortest and longest time that a change may wait for its confirmation. */
const CONFIRM_SECONDS_MIN = 10;
const CONFIRM_SECONDS_MAX = 24 * 3_600;

/** A change of the policy: `ask` makes the request, once for the plan and once for the deed. `text` is the policy sent, where one is. */
export async function changePolicy(
  desk: Desk,
  flags: ChangeFlags,
  { ask, text = '' }: { readonly ask: (how: ChangeRequest) => Promise<PlanAnswer>; readonly text?: string },
): Promise<Exit> {
  const how = requestOf(flags);
  const plan = await answered(desk, () => ask({ ...how, isPlanOnly: true }), text);
  const isJson = flags.json === true;
  if (!isJson) printPlan(desk, plan);
  if (plan.changes.length === 0 || flags.dryRun === true) {
    if (isJson) desk.paper.line(JSON.stringify(plan));
    else desk.paper.line(plan.changes.length === 0 ? 'Nothing would change.' : 'Nothing was changed (--dry-run).');
    return EXIT.done;
  }
  refuseOwnLoss(plan, flags);
  if (!(await isAgreed(desk, flags, 'Apply this?'))) return EXIT.done;
  const done = await answered(desk, () => ask(how), text);
  if (isJson) desk.paper.line(JSON.stringify(done));
  else printApplied(desk, done, placeWords(flags));
  return EXIT.done;
}

export function requestOf({ confirm, why, loseSession, local }: ChangeFlags): ChangeRequest {
  return {
    ...(confirm === undefined ? {} : { confirmSeconds: confirmSeconds(confirm) }),
    ...(why === undefined ? {} : { why }),
    ...(loseSession === true ? { mayLoseSession: true } : {}),
    ...(local === true ? { isLocal: true } : {}),
  };
}

function confirmSeconds(text: string): number {
  if (text === 'none') return 0;
  const seconds = Math.floor(durationFlag('confirm', text) / SECOND);
  if (seconds >= CONFIRM_SECONDS_MIN && seconds <= CONFIRM_SECONDS_MAX) return seconds;
  throw wrongUsage(`cannot wait ${text} for a confirmation`, 'write a time from 10 s to 24 h, or none');
}

export function refuseOwnLoss(
  { ownConnection }: { readonly ownConnection: { readonly isPermitted: boolean } | null },
  flags: ChangeFlags,
): void {
  if (ownConnection === null || ownConnection.isPermitted || flags.loseSession === true) return;
  throw new Failure({
    code: 'PICKET-A002',
    exit: EXIT.refused,
    message: 'refused: the change would deny the connection that you are asking over; nothing was changed',
    help: 'add a rule for it, ask from the console of the machine, or add --lose-session',
  });
}

/** True where the person says yes, or said so beforehand. Nobody there to ask is a refusal, never a yes. */
export async function isAgreed({ io, paper, say }: Desk, flags: AskFlags, question: string): Promise<boolean> {
  if (flags.yes === true) return true;
  paper.flush();
  const answer = await io.machine.ask(`${question} [y/N] `);
  if (answer === null)
    throw new Failure({
      code: 'PICKET-A001',
      exit: EXIT.refused,
      message: 'refused: nobody is at a terminal to say yes; nothing was changed',
      help: 'look at the plan with --dry-run, then add --yes',
    });
  if (/^\s*y(es)?\s*$/i.test(answer)) return true;
  say('Nothing was changed.');
  return false;
}

function printApplied({ paper }: Desk, { revision, pending }: PlanAnswer, place: string): void {
  if (pending === null) {
    paper.line(`Applied as revision ${revision}. Undo any time: picket undo${place}`);
    return;
  }
  paper.line(`Applied as revision ${revision}.`);
  paper.line(
    `It reverts by itself in ${pending.secondsLeft} s, at ${clockText(pending.deadline)}, unless you confirm it from a NEW session:`,
  );
  paper.line(`   picket policy confirm${place}`);
  paper.line(`Take it back at once: picket policy rollback${place}   (revision ${pending.revertsTo} comes back)`);
}

/** A deed that is no change of the policy: its plan is a sentence. */
export async function doDeed(
  desk: Desk,
  flags: AskFlags,
  deed: {
    readonly plan: string;
    readonly ask: () => Promise<{ readonly message: string; readonly undo: string | null }>;
  },
): Promise<Exit> {
  const isJson = flags.json === true;
  if (!isJson) desk.paper.line(`Plan: ${safeText(deed.plan)}`);
  if (flags.dryRun === true) {
    if (isJson) desk.paper.line(JSON.stringify({ schema: 'picket.plan-of-deed/v1', plan: deed.plan }));
    else desk.paper.line('Nothing was changed (--dry-run).');
    return EXIT.done;
  }
  if (!(await isAgreed(desk, flags, 'Do it?'))) return EXIT.done;
  const done = await answered(desk, deed.ask);
  if (isJson) desk.paper.line(JSON.stringify(done));
  else {
    desk.paper.line(safeText(done.message));
    if (done.undo !== null) desk.paper.line(`Undo: ${safeText(done.undo)}${placeWords(flags)}`);
  }
  return EXIT.done;
}
