// A planned or applied change in words: what of the policy changes, what it would deny of the traffic seen, and what of it is not held.

import type { ChangeView, NotHeldView, PlannedDenial, PlanView } from '#agent';
import { type Desk, tableWidth } from '../context.ts';
import { type Column, tableText } from '../output/table.ts';
import { counted, countText, endText, safeText, wrapLines } from '../output/text.ts';
import { whenText } from './words.ts';

/** Rows of a plan that are shown; --json has all. */
const ROWS_SHOWN = 12;

/** A plan of the local agent, or of a controller. */
export interface Planned {
  readonly changes: readonly ChangeView[];
  readonly plan: Omit<PlanView, 'denied'> & { readonly denied: readonly Denial[] };
  readonly notHeld: readonly NotHeldView[];
  readonly ownConnection: {
    readonly from: string;
    readonly to: string;
    readonly port: number;
    readonly isPermitted: boolean;
    readonly reasons: readonly string[];
  } | null;
}

type Denial = Omit<PlannedDenial, 'reason' | 'port'> & { readonly reason: string; readonly port: number | null };

type Out = Pick<Desk, 'io' | 'paper'>;

export function printPlan({ io, paper }: Out, answer: Planned): void {
  paper.line('Plan:');
  listed(paper, answer.changes.map(changeText));
  printDenials({ io, paper }, answer);
  if (answer.notHeld.length > 0) {
    paper.line(`Not held as written: ${counted(answer.notHeld.length, 'entry').replace(/ys$/, 'ies')}`);
    listed(paper, answer.notHeld.map(notHeldText));
  }
  const own = answer.ownConnection;
  if (own === null) return;
  const which = `Your own connection ${safeText(own.from)} → ${endText(safeText(own.to), own.port)}`;
  paper.line(own.isPermitted ? `${which} stays.` : `${which} would be denied: ${own.reasons.join(', ')}.`);
}

function listed(paper: Desk['paper'], lines: readonly string[]): void {
  for (const line of lines.slice(0, ROWS_SHOWN)) {
    const [head = '', ...more] = wrapLines(safeText(line), 76);
    paper.line(`  ${head}`);
    for (const rest of more) paper.line(`      ${rest}`);
  }
  if (lines.length > ROWS_SHOWN)
    paper.line(`  and ${countText(lines.length - ROWS_SHOWN)} more; --json lists them all`);
}

function changeText({ section, id, kind, fields }: ChangeView): string {
  const where = id === '' ? section : `${section}.${id}`;
  return `${kind.padEnd(8)}${where}${fields.length > 0 && kind === 'changed' ? `: ${fields.join(', ')}` : ''}`;
}

export function notHeldText({ where, what, effect }: NotHeldView): string {
  return `${where}: ${what} (${effect})`;
}

function printDenials({ io, paper }: Out, { plan }: Planned): void {
  const { openings, isCut, denied, deniedOpenings, permittedOpenings } = plan;
  const seen = `${counted(openings, 'conversation')} begun since ${whenText(plan.since)}${isCut ? ' (the latest that are kept)' : ''}`;
  if (openings === 0)
    paper.line(`No conversation was seen since ${whenText(plan.since)}, so this plan has nothing to try it on.`);
  else if (deniedOpenings === 0) paper.line(`Of ${seen}, none would be denied.`);
  else paper.line(`Of ${seen}, ${countText(deniedOpenings)} would be denied:`);
  if (denied.length > 0) paper.write(indented(tableText(denied.slice(0, ROWS_SHOWN), DENIALS, tableWidth(io) - 2)));
  if (denied.length > ROWS_SHOWN)
    paper.line(`  and ${countText(denied.length - ROWS_SHOWN)} more; --json lists them all`);
  if (permittedOpenings > 0) paper.line(`${countText(permittedOpenings)} that are denied now would pass.`);
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ').replace(/ {2}$/, '');
}

const DENIALS: readonly Column<Denial>[] = [
  { title: 'from', cell: ({ from }) => from, droppedAt: 0 },
  { title: 'to', cell: ({ to, port }) => endText(to, port ?? -1), droppedAt: 0 },
  { title: 'proto', cell: ({ protocol }) => protocol, droppedAt: 3 },
  { title: 'reason', cell: ({ reason }) => reason, droppedAt: 0 },
  { title: 'rule', cell: ({ rule }) => rule ?? '', droppedAt: 2 },
  { title: 'times', cell: ({ openings }) => countText(openings), droppedAt: 1, isRight: true },
  { title: 'last seen', cell: ({ lastSeen }) => whenText(lastSeen), droppedAt: 4 },
];
