// `picket lab`: a site of real programs in network namespaces behind a gateway of its own, its work, and an intruder.

import { buildCommand, buildRouteMap } from '@stricli/core';
import { instantText } from '#model';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { answered } from '../../live/asking.ts';
import { statusOrNull, untilGone, untilReady } from '../../live/begin.ts';
import { counted } from '../../output/text.ts';
import { word } from '../parameters.ts';
import { ATTACKS, type Attack } from './attacks.ts';
import { denialOf } from './denials.ts';
import { LAYOUT } from './layout.ts';
import { enforceLearned, tighten } from './learning.ts';
import { closedHours } from './owner.ts';
import { LAB_FLAG, type LabFlags, LabSite } from './site.ts';

/** Seconds that the streams of one of the site's days last; the day is done a few seconds later. */
const DAY_SECONDS = '6';
const DAYS_MAX = 365;
const NAME_WIDTH = 18;

const FLAGS = { flags: { lab: LAB_FLAG } } as const;

const upCommand = buildCommand<LabFlags, [], PicketContext>({
  func: command(up),
  parameters: FLAGS,
  docs: {
    brief: 'Bring up a site of real programs behind a gateway of its own',
    fullDescription: description(
      'Nine hosts with cameras, recorder, sensors, Modbus, web and office programs, each in a network namespace, on isolated ports of a gateway that a Picket agent of its own watches. Nothing of this machine but one folder is touched. Needs root and the packages of lab/packages.txt.',
      [
        { line: 'picket lab up', what: 'then: picket lab work 7, picket lab enforce, picket lab verify' },
        { line: 'picket lab down', what: 'all of it is gone' },
      ],
    ),
  },
});

async function up(desk: Desk, flags: LabFlags): Promise<Exit> {
  const site = new LabSite(desk, flags);
  for (const line of await site.run('up')) desk.paper.line(line);
  const bridge = await site.bridge();
  await bridge.isolate(LAYOUT).finally(() => bridge.close());
  await site.run('agent');
  if ((await untilReady(desk, site.socket, null)) === null) return EXIT.unreachable;
  desk.paper.line(`The gateway watches and blocks nothing. Ask its agent with: --socket ${site.socket}`);
  desk.paper.line('Next: picket lab work 7, picket lab attack, picket lab enforce, picket lab verify, picket lab down');
  return EXIT.done;
}

const workCommand = buildCommand<LabFlags, [days?: string], PicketContext>({
  func: command(work),
  parameters: {
    ...FLAGS,
    positional: {
      kind: 'tuple',
      parameters: [{ parse: word, optional: true, brief: 'Days to work [1]', placeholder: 'DAYS' }],
    },
  },
  docs: {
    brief: 'Let the site work for days of some seconds each',
    fullDescription: description(
      'Each day every program does its work once; a week is one of conversations, not of the clock. Exits with 1 where a piece of work was not done.',
      [{ line: 'picket lab work 7', what: 'a week' }],
    ),
  },
});

async function work(desk: Desk, flags: LabFlags, days = '1'): Promise<Exit> {
  const count = Number(days);
  if (!Number.isInteger(count) || count < 1 || count > DAYS_MAX)
    throw wrongUsage(`"${days}" is no number of days`, `name one from 1 to ${DAYS_MAX}`);
  const site = new LabSite(desk, flags);
  let undone = 0;
  for (let day = 1; day <= count; day++) undone += await workDay(desk, site, `day ${day}`);
  return undone === 0 ? EXIT.done : EXIT.failed;
}

async function workDay(desk: Desk, site: LabSite, name: string): Promise<number> {
  const lines = await site.run('day', DAY_SECONDS);
  const failed = lines.filter((line) => !line.endsWith(' done'));
  for (const line of failed) desk.paper.line(`${name}  ${line}`);
  desk.paper.line(`${name}  ${counted(lines.length, 'piece')} of work, ${failed.length} not done`);
  return failed.length;
}

const enforceCommand = buildCommand<LabFlags, [], PicketContext>({
  func: command(enforce),
  parameters: FLAGS,
  docs: {
    brief: 'Put what the gateway learned in force',
    fullDescription: description(
      'Takes the proposal of the agent, adds the limits that a week of seconds cannot teach (a volume, a size, connections an hour), and applies it at once.',
      [{ line: 'picket lab enforce', what: 'after: picket lab work 7' }],
    ),
  },
});

async function enforce(desk: Desk, flags: LabFlags): Promise<Exit> {
  const policy = await enforceLearned(desk, new LabSite(desk, flags));
  desk.paper.line(`In force: ${counted(policy.elements.length, 'element')}, ${counted(policy.rules.length, 'rule')}`);
  return EXIT.done;
}

const attackCommand = buildCommand<LabFlags, string[], PicketContext>({
  func: command(attack),
  parameters: {
    ...FLAGS,
    positional: { kind: 'array', parameter: { parse: word, brief: 'Attacks [all]', placeholder: 'NAME' } },
  },
  docs: {
    brief: 'Let an intruder attack the site',
    fullDescription: description('Says of each attack whether the intruder got what he wanted.', [
      { line: 'picket lab attack', what: ATTACKS.map(({ name }) => name).join(', ') },
    ]),
  },
});

async function attack(desk: Desk, flags: LabFlags, ...names: readonly string[]): Promise<Exit> {
  for (const line of await new LabSite(desk, flags).run('attack', ...names)) {
    const [name = '', outcome = ''] = line.split(' ');
    desk.paper.line(`${name.padEnd(NAME_WIDTH)}${outcome}`);
  }
  return EXIT.done;
}

const verifyCommand = buildCommand<LabFlags, [], PicketContext>({
  func: command(verify),
  parameters: FLAGS,
  docs: {
    brief: 'A day of work and every attack: nothing may break, each must be stopped by its limit',
    fullDescription: description(
      'Exits with 0 where every program of the site did its work and every attack was blocked by the limit that is meant to.',
      [{ line: 'picket lab verify', what: 'after: picket lab enforce' }],
    ),
  },
});

async function verify(desk: Desk, flags: LabFlags): Promise<Exit> {
  const site = new LabSite(desk, flags);
  const undone = await workDay(desk, site, 'work');
  await tighten(desk, site, [closedHours(desk.io.now())]);
  let passed = 0;
  for (const one of ATTACKS) if (!(await verifyOne(desk, site, one))) passed++;
  desk.paper.line('');
  desk.paper.line(
    `${counted(undone, 'piece')} of work broken, ${ATTACKS.length - passed} of ${ATTACKS.length} attacks blocked by the limit meant`,
  );
  return undone === 0 && passed === 0 ? EXIT.done : EXIT.failed;
}

async function verifyOne(desk: Desk, site: LabSite, one: Attack): Promise<boolean> {
  const since = instantText(desk.io.now());
  const [line = ''] = await site.run('attack', one.name);
  const isBlocked = line.endsWith(' blocked');
  const denial = isBlocked ? await denialOf(desk, { site, attack: one, since }) : null;
  const outcome = isBlocked
    ? denial === null
      ? 'blocked, by what was not told'
      : `blocked: ${one.reason}`
    : 'GOT THROUGH';
  desk.paper.line(`${one.name.padEnd(NAME_WIDTH)}${outcome.padEnd(34)}${one.what}`);
  return denial !== null;
}

const downCommand = buildCommand<LabFlags, [], PicketContext>({
  func: command(down),
  parameters: FLAGS,
  docs: {
    brief: 'Take the site and its gateway away',
    fullDescription: description('Ends what "picket lab up" started, by what it noted, and nothing else.', [
      { line: 'picket lab down', what: 'the folder is gone as well' },
    ]),
  },
});

async function down(desk: Desk, flags: LabFlags): Promise<Exit> {
  const site = new LabSite(desk, flags);
  if ((await statusOrNull(desk, site.socket)) !== null) {
    await answered(desk, () => site.agent.ask('down', { isPurge: true }));
    await untilGone(desk, site.socket);
  }
  for (const line of await site.run('down')) desk.paper.line(line);
  return EXIT.done;
}

export const labRoutes = buildRouteMap({
  routes: {
    up: upCommand,
    work: workCommand,
    attack: attackCommand,
    enforce: enforceCommand,
    verify: verifyCommand,
    down: downCommand,
  },
  docs: { brief: 'A live site to try Picket on: its work, and an intruder' },
});
