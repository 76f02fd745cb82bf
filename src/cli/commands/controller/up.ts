// `picket controller up`: a controller is started apart from this process, and awaited until it answers.

import { buildCommand } from '@stricli/core';
import type { Running } from '#controller';
import { SECOND } from '#model';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { Failure } from '../../failure.ts';
import { description } from '../../help.ts';
import type { Started } from '../../machine.ts';
import { safeText } from '../../output/text.ts';
import { JSON_FLAG } from '../parameters.ts';
import { CONTROLLER_FLAGS, type ControllerFlags, configOf } from './config.ts';
import { runningAt } from './place.ts';
import { printRunning } from './print.ts';

interface Flags extends ControllerFlags {
  readonly json?: boolean;
}

export const upCommand = buildCommand<Flags, [], PicketContext>({
  func: command(up),
  parameters: { flags: { ...CONTROLLER_FLAGS, json: JSON_FLAG } },
  docs: {
    brief: 'Start a controller on this machine',
    fullDescription: description(
      'Starts a controller in the background and waits until it answers. A first start makes its domain and prints a link by which the first owner logs on; the link is good for ten minutes and once. Where one runs already nothing happens but the showing.',
      [
        { line: 'picket controller up --data ./data --domain plant.example', what: 'no root is needed' },
        { line: 'picket controller status --data ./data', what: 'how it is' },
      ],
    ),
  },
});

async function up(desk: Desk, flags: Flags): Promise<Exit> {
  const began = desk.io.now();
  const config = await configOf(desk, flags);
  const folder = desk.io.machine.absolute(config.data);
  const before = await runningAt(desk, folder);
  const running = before ?? (await beginController(desk, { flags, folder }));
  const link = await desk.io.machine.text(`${folder}/first-link`);
  if (flags.json === true) desk.paper.line(JSON.stringify({ ...running, schema: 'picket.controller/v1' }));
  else {
    const seconds = ((desk.io.now() - began) / SECOND).toFixed(1);
    desk.paper.line(before === null ? `Ready in ${seconds} s.` : 'Running already.');
    printRunning(desk, running);
    if (link !== null) desk.paper.line(`\nLog on as its first owner, within ten minutes:\n  ${safeText(link.trim())}`);
  }
  return EXIT.done;
}

const READY_MILLIS_MAX = 60_000;
const LOOK_MILLIS = 50;
const LOG_LINES_SHOWN = 8;

interface Beginning {
  readonly flags: ControllerFlags;
  readonly folder: string;
  /** Words of `picket controller run` beside its flags. */
  readonly more?: readonly string[];
}

/** Starts it and waits; its log is what it says. */
export async function beginController(desk: Desk, { flags, folder, more = [] }: Beginning): Promise<Running> {
  const { machine } = desk.io;
  const words = Object.entries(flags).flatMap(([name, value]) =>
    typeof value === 'string'
      ? [`--${name}`, name === 'data' || name === 'config' ? machine.absolute(value) : value]
      : [],
  );
  const log = `${folder}/controller.log`;
  const started = await machine.startPicket(['controller', 'run', ...words, ...more], log);
  const running = await untilRunning(desk, folder, started);
  if (running !== null) return running;
  const lines = ((await machine.text(log)) ?? '').split('\n').filter((line) => line.trim() !== '');
  for (const line of lines.slice(-LOG_LINES_SHOWN)) desk.say(`   ${line}`);
  throw new Failure({
    code: 'PICKET-C809',
    exit: EXIT.failed,
    message: `the controller did not begin: ${lines.length === 0 ? 'it said nothing' : 'its last words are above'}`,
    help: `its log is ${safeText(log)}; see also: picket controller doctor`,
  });
}

async function untilRunning(desk: Desk, folder: string, started: Started): Promise<Running | null> {
  for (let waited = 0; waited < READY_MILLIS_MAX; waited += LOOK_MILLIS) {
    const running = await runningAt(desk, folder);
    if (running !== null && running.pid === started.pid) return running;
    if (started.ended() !== null) return null;
    await desk.io.machine.wait(LOOK_MILLIS);
  }
  return null;
}
