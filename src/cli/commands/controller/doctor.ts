// `picket controller doctor`: what keeps a controller from working on this machine, and the way out. Never changes anything.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { type Checked, fail, ok, warn } from '../../doctor/checked.ts';
import { checkClock, checkNode } from '../../doctor/host.ts';
import { printChecks } from '../../doctor/print.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { bytesText } from '../../output/text.ts';
import { JSON_FLAG } from '../parameters.ts';
import { DATA_FLAG, folderOf, type PlaceFlags, runningAt } from './place.ts';

interface Flags extends PlaceFlags {
  readonly json?: boolean;
}

export const doctorCommand = buildCommand<Flags, [], PicketContext>({
  func: command(doctor),
  parameters: { flags: { data: DATA_FLAG, json: JSON_FLAG } },
  docs: {
    brief: 'Find what keeps a controller from working on this machine',
    fullDescription: description(
      'Checks Node, clock, data folder, room, and the controller itself, each with the way out. Nothing is changed. Exit code 1 where a check fails; a warning is no failure.',
      [{ line: 'picket controller doctor', what: 'one line a check, the way out below it' }],
    ),
  },
});

const OTHERS_BITS = 0o077;
const ROOM_BYTES_LOW = 512 * 1_024 * 1_024;

async function doctor(desk: Desk, flags: Flags): Promise<Exit> {
  const { io, paper } = desk;
  const folder = folderOf(desk, flags);
  const surroundings = { machine: io.machine, now: io.now(), version: io.version, stateFolder: folder, socket: '' };
  const checks = [
    ...(await checkNode(surroundings)),
    ...(await checkClock(surroundings)),
    await checkFolder(desk, folder),
    await checkRoom(desk, folder),
    ...(await checkRunning(desk, folder)),
  ];
  const isWell = checks.every(({ state }) => state !== 'fail');
  if (flags.json === true) paper.line(JSON.stringify({ schema: 'picket.doctor/v1', isWell, checks }));
  else printChecks({ io, paper }, checks);
  return isWell ? EXIT.done : EXIT.failed;
}

async function checkFolder({ io: { machine } }: Desk, folder: string): Promise<Checked> {
  const entry = await machine.entry(folder);
  const facts = { code: 'PICKET-D021', name: 'data folder', found: folder } as const;
  if (entry === null) return ok({ ...facts, found: `${folder} is not there yet: a first start makes it` });
  if (entry.kind !== 'directory')
    return fail({ ...facts, found: `${folder} is no folder` }, 'name another one with --data');
  if ((entry.mode & OTHERS_BITS) !== 0)
    return fail({ ...facts, found: `${folder} can be looked into by others` }, `chmod 700 ${folder}`);
  return ok(facts);
}

async function checkRoom({ io: { machine } }: Desk, folder: string): Promise<Checked> {
  const free = await machine.freeBytes(folder);
  const facts = {
    code: 'PICKET-D022',
    name: 'room',
    found: free === null ? 'not known' : `${bytesText(free)} free`,
  } as const;
  if (free !== null && free < ROOM_BYTES_LOW) return warn(facts, 'make room: changes are refused on a full disk');
  return ok(facts);
}

async function checkRunning(desk: Desk, folder: string): Promise<readonly Checked[]> {
  const running = await runningAt(desk, folder);
  const facts = { code: 'PICKET-D023', name: 'controller', found: 'none runs' } as const;
  if (running === null) return [warn(facts, 'start it: picket controller up')];
  if (running.states.length === 0) return [ok({ ...facts, found: `${running.url}, ${running.health}` })];
  return running.states.map(({ severity, message, help }) => {
    const tell = severity === 'error' ? fail : warn;
    return tell({ ...facts, found: message }, help ?? 'picket controller status');
  });
}
