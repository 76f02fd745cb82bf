// `picket controller recover`: a new owner for a controller that nobody can log on to as owner any more, made by whoever has its machine.

import { buildCommand } from '@stricli/core';
import { instantText, MILLISECOND } from '#model';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { Failure, wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { safeText } from '../../output/text.ts';
import { JSON_FLAG, word } from '../parameters.ts';
import { CONTROLLER_FLAGS, type ControllerFlags, configOf } from './config.ts';
import { runningAt } from './place.ts';
import { begun } from './trouble.ts';

interface Flags extends ControllerFlags {
  readonly person?: string;
  readonly json?: boolean;
}

const PERSON = 'recovered owner';
/** As in the controller's API. */
const PERSON_CHARS_MAX = 80;

export const recoverCommand = buildCommand<Flags, [], PicketContext>({
  func: command(recover),
  parameters: {
    flags: {
      ...CONTROLLER_FLAGS,
      person: {
        kind: 'parsed',
        parse: word,
        optional: true,
        brief: `What the new owner is called [${PERSON}]`,
        placeholder: 'NAME',
      },
      json: JSON_FLAG,
    },
  },
  docs: {
    brief: 'Make a new owner where the last one lost access',
    fullDescription: description(
      'Prints a link, good once and for an hour, by which a new owner of every domain logs on. Only root and the user of the data folder can, on the machine itself, while the controller is down. It is in the ledger. Other owners stay, with all by which they log on: the new one removes them.',
      [
        { line: 'picket controller down', what: 'agents enforce what they have meanwhile' },
        { line: 'picket controller recover --person Ada', what: 'with the flags that "picket controller up" is given' },
        { line: 'picket controller up', what: 'then open the link' },
      ],
    ),
  },
});

async function recover(desk: Desk, { person = PERSON, json, ...flags }: Flags): Promise<Exit> {
  const { io } = desk;
  const config = await configOf(desk, flags);
  if (person.length > PERSON_CHARS_MAX || /\p{Cc}/u.test(person))
    throw wrongUsage(`a name has 1 to ${PERSON_CHARS_MAX} characters, none of them a control character`, 'shorten it');
  const folder = io.machine.absolute(config.data);
  if ((await runningAt(desk, folder)) !== null) throw isRunning(folder);
  const { recoverController } = await import('#controller');
  const { page, endsAt } = await begun(() =>
    recoverController({
      config: { ...config, data: folder },
      person,
      now: () => Math.floor(io.now() / MILLISECOND),
      elapsed: () => Math.floor(io.machine.elapsed() / MILLISECOND),
      out: { write: (line) => io.stderr.write(line) },
    }),
  );
  const until = instantText(endsAt * MILLISECOND);
  if (json === true) desk.paper.line(JSON.stringify({ schema: 'picket.recovery/v1', person, link: page, until }));
  else {
    desk.paper.line(
      `${safeText(person)} will own every domain. Start the controller, then open, once and until ${until}:`,
    );
    desk.paper.line(`  ${safeText(page)}`);
  }
  return EXIT.done;
}

function isRunning(folder: string): Failure {
  return new Failure({
    code: 'PICKET-C819',
    exit: EXIT.failed,
    message: `the controller runs on "${safeText(folder)}"; nothing was changed`,
    help: 'end it first: picket controller down',
  });
}
