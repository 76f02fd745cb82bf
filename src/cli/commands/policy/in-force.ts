// `picket policy confirm`, `rollback`, `history`, `show` and `suggest`: the policy in force, those before it, and what was learned.

import { buildCommand } from '@stricli/core';
import type { RevisionView } from '#agent';
import { command, type Desk, type PicketContext, tableWidth } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { answered } from '../../live/asking.ts';
import { ASK_FLAGS, type AskFlags, doDeed } from '../../live/change.ts';
import { agentOf, type PlaceFlags, placeWords, SOCKET_FLAG } from '../../live/place.ts';
import { spanText, whenText } from '../../live/words.ts';
import { type Column, tableText } from '../../output/table.ts';
import { counted, safeText } from '../../output/text.ts';
import { changedAt } from '../../remote/change.ts';
import { REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { confirmAt, historyAt, rollbackAt, showAt } from '../../remote/policy.ts';
import { checkOutputs, writeOut } from '../../write.ts';
import { revisionOf } from '../host/undo.ts';
import { JSON_FLAG, OUTPUT_FLAG, word } from '../parameters.ts';

interface Flags extends PlaceFlags, RemoteFlags {
  readonly json?: boolean;
}

type LocalTextFlags = PlaceFlags & Pick<TextFlags, 'json' | 'output'>;

interface TextFlags extends Flags {
  readonly output?: string;
}

const FLAGS = { socket: SOCKET_FLAG, ...REMOTE_FLAGS, json: JSON_FLAG } as const;
const LOCAL_FLAGS = { socket: SOCKET_FLAG, json: JSON_FLAG, output: OUTPUT_FLAG } as const;
const TEXT_FLAGS = { flags: { ...FLAGS, output: OUTPUT_FLAG }, aliases: { o: 'output' } } as const;

export const confirmCommand = buildCommand<Flags, [], PicketContext>({
  func: command(confirm),
  parameters: { flags: FLAGS },
  docs: {
    brief: 'Keep the change that waits; from a new session',
    fullDescription: description(
      'Keeps what was applied and would revert by itself. It has to come from the user who applied it and from another session than the one it was applied in: that you can open one is the proof that you are not locked out.',
      [{ line: 'picket policy confirm', what: 'in a new login, within the time' }],
    ),
  },
});

export const rollbackCommand = buildCommand<AskFlags & RemoteFlags, [], PicketContext>({
  func: command(rollback),
  parameters: { flags: { ...ASK_FLAGS, ...REMOTE_FLAGS } },
  docs: {
    brief: 'Take back the change that waits, at once',
    fullDescription: description('The revision before it comes back, as it would by itself when the time is over.', [
      { line: 'picket policy rollback --yes', what: 'without waiting' },
    ]),
  },
});

export const historyCommand = buildCommand<Flags, [], PicketContext>({
  func: command(history),
  parameters: { flags: FLAGS },
  docs: {
    brief: 'List the revisions of the policy, newest first',
    fullDescription: description(
      'Every policy that was in force: who put it there, when, why, and what became of it.',
      [{ line: 'picket policy history', what: 'then: picket policy show 4, picket undo --to 4' }],
    ),
  },
});

export const showCommand = buildCommand<TextFlags, [revision?: string], PicketContext>({
  func: command(show),
  parameters: {
    ...TEXT_FLAGS,
    positional: {
      kind: 'tuple',
      parameters: [
        { parse: word, brief: 'revision; the one in force if not stated', placeholder: 'N', optional: true },
      ],
    },
  },
  docs: {
    brief: 'Print the policy in force, or an earlier revision',
    fullDescription: description('Prints the text as it was applied, comments included.', [
      { line: 'picket policy show -o policy.yaml', what: 'to edit it and apply it again' },
    ]),
  },
});

export const suggestCommand = buildCommand<LocalTextFlags, [], PicketContext>({
  func: command(suggest),
  parameters: { flags: LOCAL_FLAGS, aliases: TEXT_FLAGS.aliases },
  docs: {
    brief: 'Print the policy that the traffic seen would need',
    fullDescription: description(
      'Prints what the agent learned since it started, as a policy with its evidence as comments. It is a proposal for a person to read: nothing of it is in force.',
      [{ line: 'picket policy suggest -o proposal.yaml', what: 'then: picket policy apply proposal.yaml --dry-run' }],
    ),
  },
});

async function confirm(desk: Desk, flags: Flags): Promise<Exit> {
  const controller = await changedAt(desk, flags);
  if (controller !== null) return confirmAt(desk, flags, controller);
  const done = await answered(desk, () => agentOf(desk, flags).ask('confirm', {}));
  if (flags.json === true) desk.paper.line(JSON.stringify(done));
  else
    desk.paper.line(
      `${safeText(done.message)}${done.undo === null ? '' : `\nUndo: ${safeText(done.undo)}${placeWords(flags)}`}`,
    );
  return EXIT.done;
}

async function rollback(desk: Desk, flags: AskFlags & RemoteFlags): Promise<Exit> {
  const controller = await changedAt(desk, flags);
  if (controller !== null) return rollbackAt(desk, flags, controller);
  const agent = agentOf(desk, flags);
  const { pending } = await answered(desk, () => agent.ask('policy', {}));
  if (pending === null) {
    if (flags.json === true)
      desk.paper.line(JSON.stringify({ schema: 'picket.done/v1', message: 'nothing waits', undo: null }));
    else desk.paper.line('No change waits for its confirmation. To go back further: picket undo');
    return EXIT.done;
  }
  const plan = `revision ${pending.revision} by ${pending.by} is taken back, and ${pending.revertsTo} comes back`;
  return doDeed(desk, flags, { plan, ask: () => agent.ask('rollback', {}) });
}

async function history(desk: Desk, flags: Flags): Promise<Exit> {
  const controller = await changedAt(desk, flags);
  if (controller !== null) return historyAt(desk, flags, controller);
  const answer = await answered(desk, () => agentOf(desk, flags).ask('history', {}));
  if (flags.json === true) desk.paper.line(JSON.stringify(answer));
  else if (answer.revisions.length === 0) desk.paper.line('no revisions');
  else desk.paper.write(tableText(answer.revisions, REVISIONS, tableWidth(desk.io)));
  return EXIT.done;
}

const REVISIONS: readonly Column<RevisionView>[] = [
  { title: 'revision', cell: ({ revision }) => String(revision), droppedAt: 0, isRight: true },
  { title: 'state', cell: ({ state }) => state.replace('-', ' '), droppedAt: 0 },
  { title: 'at', cell: ({ at }) => whenText(at), droppedAt: 0 },
  { title: 'by', cell: ({ by }) => by, droppedAt: 1 },
  { title: 'why', cell: ({ why }) => why, droppedAt: 0 },
];

async function show(desk: Desk, flags: TextFlags, revision?: string): Promise<Exit> {
  await checkOutputs(desk.io, [flags.output], []);
  const which: { readonly revision?: number } = revision === undefined ? {} : { revision: revisionOf(revision) };
  const controller = await changedAt(desk, flags);
  if (controller !== null) return showAt(desk, { ...flags, revision: which.revision ?? null }, controller);
  const answer = await answered(desk, () => agentOf(desk, flags).ask('policy', which));
  if (flags.json === true) desk.paper.line(JSON.stringify(answer));
  else await writeOut(desk, flags.output ?? '-', answer.text);
  return EXIT.done;
}

async function suggest(desk: Desk, flags: LocalTextFlags): Promise<Exit> {
  await checkOutputs(desk.io, [flags.output], []);
  const answer = await answered(desk, () => agentOf(desk, flags).ask('proposal', {}));
  if (flags.json === true) {
    desk.paper.line(JSON.stringify(answer));
    return EXIT.done;
  }
  await writeOut(desk, flags.output ?? '-', answer.text);
  for (const note of answer.notes) desk.say(`note: ${safeText(note)}`);
  const seen = answer.from === null || answer.to === null ? 'no traffic yet' : spanText(answer.from, answer.to);
  desk.say(
    `${counted(answer.elements, 'element')} and ${counted(answer.rules, 'rule')} from ${seen}; nothing of it is in force`,
  );
  return EXIT.done;
}
