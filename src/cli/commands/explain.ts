// `picket explain`: the page of a code or reason, or the list of all.

import { buildCommand } from '@stricli/core';
import { agentCodes, agentPage } from '#agent';
import { codes, explain } from '#policy';
import { command, type Desk, type PicketContext } from '../context.ts';
import { EXIT, type Exit } from '../exits.ts';
import { Failure } from '../failure.ts';
import { description } from '../help.ts';
import { nearest } from '../output/nearest.ts';
import { controlPages, type Pages } from '../pages/control.ts';
import { cliCodes, cliPage } from '../pages.ts';
import { word } from './parameters.ts';

export const explainCommand = buildCommand<Record<never, never>, [code?: string], PicketContext>({
  func: command(explainCode),
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: word,
          brief: 'code or reason, for instance PICKET-P002 or over-volume',
          placeholder: 'CODE',
          optional: true,
        },
      ],
    },
  },
  docs: {
    brief: 'Say what a code or a reason means',
    fullDescription: description(
      'Prints the page of an error code or of a reason for a denial; without one, the list of all.',
      [
        { line: 'picket explain outside-hours', what: 'why a connection was denied' },
        { line: 'picket explain PICKET-I006', what: 'what an error means' },
      ],
    ),
  },
});

async function explainCode({ paper }: Desk, _flags: object, code?: string): Promise<Exit> {
  if (code === undefined) {
    const rooms = await controlPages();
    for (const known of allCodes(rooms)) paper.line(`${known}  ${titleOf(pageOf(known, rooms) ?? '')}`.trimEnd());
    return EXIT.done;
  }
  const known = pageOfAnyCase(code, []) ?? pageOfAnyCase(code, await controlPages());
  if (known === null) throw unknownCode(code, await controlPages());
  paper.write(known.endsWith('\n') ? known : `${known}\n`);
  return EXIT.done;
}

function allCodes(rooms: readonly Pages[]): readonly string[] {
  return [...new Set([...codes(), ...cliCodes(), ...agentCodes(), ...rooms.flatMap((room) => room.codes)])];
}

function pageOfAnyCase(code: string, rooms: readonly Pages[]): string | null {
  return pageOf(code, rooms) ?? pageOf(code.toUpperCase(), rooms) ?? pageOf(code.toLowerCase(), rooms);
}

function pageOf(code: string, rooms: readonly Pages[]): string | null {
  const ofRooms = rooms.map(({ page }) => page(code)).find((text) => text !== null);
  return cliPage(code) ?? agentPage(code) ?? explain(code) ?? ofRooms ?? null;
}

/** The first line of a page, less the code it may open with. */
function titleOf(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/^#*\s*[\w-]+(:| —| -)\s*/, '');
}

function unknownCode(code: string, rooms: readonly Pages[]): Failure {
  const known = allCodes(rooms);
  const guess = nearest(code.toUpperCase(), known) ?? nearest(code.toLowerCase(), known);
  return new Failure({
    code: 'PICKET-U003',
    exit: EXIT.notFound,
    message: `there is no page for "${code}"`,
    help: guess === null ? 'run "picket explain" for the list' : `did you mean "${guess}"?`,
  });
}
