// `picket audit verify`: whether a ledger is as it was written, and the first place where it is not. Offline; changes nothing.

import { buildCommand } from '@stricli/core';
import type { Checkpoint, LedgerKey, Verified } from '#ledger';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { readText } from '../../input/source.ts';
import { bytesText, counted, countText, safeText } from '../../output/text.ts';
import { answeredBy } from '../../remote/asking.ts';
import type { Controller } from '../../remote/controller.ts';
import { piecesOf } from '../../remote/download.ts';
import { JSON_FLAG, word } from '../parameters.ts';
import { LEDGER_DIRECTORY, LEDGER_PLACE, ledgerAt, ON_FLAG, withLedger } from './place.ts';

interface Flags {
  readonly key?: readonly string[];
  readonly checkpoint?: string;
  readonly on?: string;
  readonly json?: boolean;
}

export const verifyCommand = buildCommand<Flags, [path?: string], PicketContext>({
  func: command(verify),
  parameters: {
    flags: {
      key: {
        kind: 'parsed',
        parse: word,
        variadic: true,
        optional: true,
        brief: 'Public key (PEM) that checkpoints must be signed by; more may follow',
        placeholder: 'FILE',
      },
      checkpoint: {
        kind: 'parsed',
        parse: word,
        optional: true,
        brief: 'Checkpoint that was kept elsewhere: the ledger must reach it',
        placeholder: 'FILE',
      },
      on: ON_FLAG,
      json: JSON_FLAG,
    },
    positional: LEDGER_PLACE,
  },
  docs: {
    brief: 'Find any record that was changed, removed, added or moved',
    fullDescription: description(
      'Reads every record and checkpoint once and says the first that is wrong, with file, line and number. It needs no controller and no network. With a context the whole chain is fetched from the controller, for its owner, and verified here: what the controller thinks of it does not count. A cut-off end is found by a checkpoint that was kept elsewhere. Exit code 1 where something is wrong.',
      [
        { line: 'picket audit verify', what: 'the ledger of the controller on this machine, or of the context' },
        { line: 'picket audit verify --on plant --key ledger-key.pem', what: 'a controller far away, verified here' },
        {
          line: 'picket audit verify copy/ledger --key ledger-key.pem --checkpoint monday.json',
          what: 'a copy, held against what you kept',
        },
      ],
    ),
  },
});

async function verify(desk: Desk, flags: Flags, path?: string): Promise<Exit> {
  const controller = await ledgerAt(desk, flags, path);
  const place = controller?.context.url ?? path ?? LEDGER_DIRECTORY;
  const answer = await withLedger(async (ledger) => {
    const { ledgerKey, parseCheckpoint, verifyLedger } = ledger;
    const keys: LedgerKey[] = [];
    for (const file of flags.key ?? []) keys.push(ledgerKey(await readText(desk.io, file)));
    let kept: Checkpoint | null = null;
    if (flags.checkpoint !== undefined) kept = parseCheckpoint(await readText(desk.io, flags.checkpoint));
    const held = { keys: keys.length === 0 ? null : keys, kept };
    if (controller === null) return verifyLedger({ ...held, path: place });
    const { chain, newest } = await chainAt(desk, controller);
    return ledger.verifyChain(chain, { ...held, newest, name: place });
  });
  const isSound = answer.wrong === null;
  if (flags.json === true)
    desk.paper.line(JSON.stringify({ schema: 'picket.audit-verify/v1', isSound, path: place, ...answer }));
  else for (const line of linesOf(place, answer)) desk.paper.line(line);
  return isSound ? EXIT.done : EXIT.failed;
}

/** Nothing was signed yet. */
const NO_CHECKPOINT = 'PICKET-C215';

/** The checkpoint is asked for first: the chain has to reach it. */
async function chainAt(desk: Desk, { client, routes }: Controller) {
  const newest = await client.call(routes.ledger.checkpoint, {});
  const isNone = newest.kind === 'refused' && newest.problem.code === NO_CHECKPOINT;
  const checkpoint = isNone ? null : (await answeredBy(desk, Promise.resolve(newest))).value;
  const { value } = await answeredBy(desk, client.call(routes.ledger.chain, {}));
  return { newest: checkpoint, chain: piecesOf(value, { lines: 0 }) };
}

function linesOf(path: string, answer: Verified): readonly string[] {
  const { wrong, records, first, last } = answer;
  if (wrong === null) {
    const span = first === last ? `record ${countText(first)}` : `records ${countText(first)} to ${countText(last)}`;
    return [`${safeText(path)}: sound, ${span} of chain ${safeText(answer.chain ?? '')}`, ...factsOf(answer)];
  }
  const place = [safeText(wrong.file), ...(wrong.line === null ? [] : [`line ${countText(wrong.line)}`])];
  if (wrong.sequence !== null) place.push(`record ${countText(wrong.sequence)}`);
  const before = records === 0 ? 'No record before it was read.' : `${counted(records, 'record')} before it stand.`;
  return [
    `${safeText(path)}: NOT sound`,
    `  ${place.join(', ')}: ${safeText(wrong.why)}`,
    `  ${before} Nothing was changed.`,
  ];
}

function factsOf(answer: Verified): readonly string[] {
  const lines: string[] = [];
  const { newestCheckpoint, unsigned } = answer;
  if (newestCheckpoint !== null)
    lines.push(
      `  ${counted(answer.checkpoints, 'checkpoint')}, the newest at record ${countText(newestCheckpoint.sequence)}`,
    );
  for (const key of answer.keys) lines.push(`  signed by ${key}`);
  if (answer.keys.length > 0 && !answer.isKeyGiven)
    lines.push('  note: that key was read from the ledger itself; name the one you trust with --key FILE');
  if (unsigned > 0)
    lines.push(
      `  note: the last ${counted(unsigned, 'record')} have no signed checkpoint: nobody vouches for them yet`,
    );
  if (!answer.isComparedWithKept)
    lines.push(
      '  note: whether the end was cut off is known only against a checkpoint kept elsewhere: --checkpoint FILE',
    );
  if (answer.unfinishedBytes > 0)
    lines.push(`  note: a last line of ${bytesText(answer.unfinishedBytes)} is unfinished; it was never acknowledged`);
  return lines;
}
