// `picket gateway compile`: the nftables table that holds a policy, as text, and what of the policy it does not hold. Changes nothing.

import { buildCommand } from '@stricli/core';
import { type Compiled, compileTable, type NotHeld, numberBook, tableFile } from '#enforce';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { Failure } from '../../failure.ts';
import { description } from '../../help.ts';
import { counted, safeText } from '../../output/text.ts';
import { readPolicy } from '../../policy-file.ts';
import { instantFlag } from '../../times.ts';
import { checkOutputs, writeOut } from '../../write.ts';
import { JSON_FLAG, OUTPUT_FLAG, word } from '../parameters.ts';

interface Flags {
  readonly at?: string;
  readonly json?: boolean;
  readonly output?: string;
}

export const compileCommand = buildCommand<Flags, [string], PicketContext>({
  func: command(compile),
  parameters: {
    flags: {
      at: {
        kind: 'parsed',
        parse: word,
        optional: true,
        brief: 'Instant to compile for; now if not stated',
        placeholder: 'T',
      },
      json: JSON_FLAG,
      output: OUTPUT_FLAG,
    },
    aliases: { o: 'output' },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: word, brief: 'policy file; "-" is standard input', placeholder: 'POLICY' }],
    },
  },
  docs: {
    brief: 'Print the nftables table that holds a policy',
    fullDescription: description(
      'Prints one table of its own (inet picket) that nft -f loads as a whole: it replaces an earlier one and touches nothing else. What the policy says and the table does not hold is listed on stderr, with what happens instead. Hours and windows are those of one instant: they run out by themselves and are not renewed.',
      [
        { line: 'picket gateway compile policy.yaml', what: 'the table, and what it does not hold' },
        { line: 'picket gateway compile policy.yaml -o picket.nft', what: 'a file for nft -c -f picket.nft' },
      ],
    ),
  },
});

async function compile(desk: Desk, flags: Flags, path: string): Promise<Exit> {
  await checkOutputs(desk.io, [flags.output], [path]);
  const policy = await readPolicy(desk, path);
  const now = flags.at === undefined ? desk.io.now() : instantFlag('at', flags.at, policy.timezone);
  const made = compileTable(policy, { book: numberBook(), now });
  if (made.kind === 'refused') throw refusal(made);
  const text = tableFile(made.content, now);
  for (const { where, subject, effect, message } of made.notHeld)
    desk.say(`not held: ${safeText(where)}: ${subject} (${effect}): ${message}`);
  if (flags.output !== undefined) {
    await writeOut(desk, flags.output, text);
    desk.say(`wrote ${safeText(flags.output)} (${counted(made.notHeld.length, 'limit')} not held as written)`);
  }
  if (flags.json === true) desk.paper.line(jsonText(made.notHeld, flags.output === undefined ? text : null));
  else if (flags.output === undefined) desk.paper.exact(text);
  return EXIT.done;
}

function jsonText(notHeld: readonly NotHeld[], table: string | null): string {
  return JSON.stringify({ schema: 'picket.gateway-compile/v1', notHeld, ...(table === null ? {} : { table }) });
}

function refusal({ problem: { code, message, help } }: Extract<Compiled, { kind: 'refused' }>): Failure {
  return new Failure({ code, exit: EXIT.failed, message, ...(help === null ? {} : { help }) });
}
