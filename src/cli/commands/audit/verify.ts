// `picket audit verify`: whether a ledger is as it was written, and the first place where it is not. Offline; changes nothing.

import { buildCommand } from '@stricli/core';
import type { Checkpoint, LedgerKey, Verified } from '#ledger';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { readText } from '../../input/source.ts';
import { bytesText, counted, countText, safeText } from '../../output/text.ts';
import { JSON_FLAG, word } from '../parameters.ts';
import { LEDGER_DIRECTORY, LEDGER_PLACE, withLedger } from './place.ts';

interface Flags {
  readonly key?: readonly string[];
  readonly checkpoint?: string;
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
      json: JSON_FLAG,
    },
    positional: LEDGER_PLACE,
  },
  docs: {
    brief: 'Find any record that was changed, removed, added or moved',
    fullDescription: description(
      'Reads every record and checkpoint once and says the first that is wrong, with file, line and number. It needs no controller and no network. A cut-off end is found by a checkpoint that was kept elsewhere. Exit code 1 where something is wrong.',
      [
        { line: 'picket audit verify', what: 'the ledger of the controller on this machine' },
        {
          line: 'picket audit verify copy/ledger --key ledger-key.pem --checkpoint monday.json',
          what: 'a copy, held against what you kept',
        },
      ],
    ),
  },
});

async function verify(desk: Desk, flags: Flags, path = LEDGER_DIRECTORY): Promise<Exit> {
  const answer = await withLedger(async ({ ledgerKey, parseCheckpoint, verifyLedger }) => {
    const keys: LedgerKey[] = [];
    for (const file of flags.key ?? []) keys.push(ledgerKey(await readText(desk.io, file)));
    let kept: Checkpoint | null = null;
    if (flags.checkpoint !== undefined) kept = parseCheckpoint(await readText(desk.io, flags.checkpoint));
    return verifyLedger({ path, keys: keys.length === 0 ? null : keys, kept });
  });
  const isSound = answer.wrong === null;
  if (flags.json === true)
    desk.paper.line(JSON.stringify({ schema: 'picket.audit-verify/v1', isSound, path, ...answer }));
  else for (const line of linesOf(path, answer)) desk.paper.line(line);
  return isSound ? EXIT.done : EXIT.failed;
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
