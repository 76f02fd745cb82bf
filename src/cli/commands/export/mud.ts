// `picket export mud`: one element of a policy as a manufacturer usage description (RFC 8520).

import { buildCommand } from '@stricli/core';
import { exportMud } from '#exchange';
import { instantText } from '#model';
import { selectorText } from '#policy';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { Failure, wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { safeText } from '../../output/text.ts';
import { readPolicy } from '../../policy-file.ts';
import { checkOutputs, writeOut } from '../../write.ts';
import { prefixFlag } from '../import/importing.ts';
import { OUTPUT_FLAG, word } from '../parameters.ts';

interface Flags {
  readonly element: string;
  readonly url?: string;
  readonly localNetworks?: readonly ReturnType<typeof prefixFlag>[];
  readonly output?: string;
}

const OPTIONAL = { kind: 'parsed', parse: word, optional: true } as const;

export const exportMudCommand = buildCommand<Flags, [string], PicketContext>({
  func: command(exportElement),
  parameters: {
    flags: {
      element: { kind: 'parsed', parse: word, brief: 'Element to describe', placeholder: 'ID' },
      url: {
        ...OPTIONAL,
        brief: 'Where the file will be published; the label model if not stated',
        placeholder: 'URL',
      },
      localNetworks: {
        ...OPTIONAL,
        parse: (text: string) => text.split(',').map((part) => prefixFlag(part.trim())),
        brief: 'What is written as "local-networks"',
        placeholder: 'PREFIX,...',
      },
      output: OUTPUT_FLAG,
    },
    aliases: { o: 'output' },
    positional: { kind: 'tuple', parameters: [{ parse: word, brief: 'policy file', placeholder: 'POLICY' }] },
  },
  docs: {
    brief: 'Describe one element as a MUD file (RFC 8520)',
    customUsage: ['POLICY --element ID [--url URL] [-o FILE] [more flags]'],
    fullDescription: description(
      'Writes what the policy permits one element as a MUD file. MUD knows ports and peers, no hours, volumes, sizes or rates: what it cannot say is listed.',
      [
        {
          line: 'picket export mud policy.yaml --element bulb --url https://example.com/bulb.json -o bulb.json',
          what: 'a file to sign and publish',
        },
      ],
    ),
  },
});

async function exportElement(desk: Desk, flags: Flags, path: string): Promise<Exit> {
  await checkOutputs(desk.io, [flags.output], [path]);
  const policy = await readPolicy(desk, path, { isQuiet: true });
  const exported = exportMud(policy, {
    element: flags.element,
    url: flags.url ?? null,
    lastUpdate: instantText(desk.io.now()),
    localNetworks: flags.localNetworks ?? null,
  });
  if (exported.kind === 'refused') throw refused(exported.reason, flags);
  await writeOut(desk, flags.output ?? '-', exported.text);
  const { notSaid, classes } = exported;
  if (notSaid.length > 0) desk.say(`not said (${notSaid.length}):`);
  for (const { place, what, why } of notSaid) desk.say(`  ${safeText(place)}: ${safeText(what)}\n    ${why}`);
  if (classes.size > 0) desk.say('classes made up for this file; whoever imports it must say who they are:');
  const ids = new Set(policy.elements.map(({ id }) => id));
  for (const [uri, selector] of classes) desk.say(`  ${safeText(uri)} is ${selectorText(selector, ids)}`);
  return EXIT.done;
}

function refused(reason: 'no-element' | 'no-url', { element, url }: Flags): Failure {
  if (reason === 'no-element')
    return new Failure({
      code: 'PICKET-U004',
      exit: EXIT.notFound,
      message: `the policy has no element "${safeText(element)}"`,
    });
  return wrongUsage(
    url === undefined
      ? `a MUD file names its own URL, and ${safeText(element)} has no label model`
      : `"${safeText(url)}" is no https URL`,
    'add --url https://…',
  );
}
