// `picket doctor`: what on this machine keeps a gateway from working, and the way out. Never changes anything.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import type { Surroundings } from '../../doctor/checked.ts';
import { checkAll } from '../../doctor/doctor.ts';
import { printChecks } from '../../doctor/print.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { SOCKET_FLAG, STATE_FLAG, type StateFlags, socketOf, stateOf } from '../../live/place.ts';
import { JSON_FLAG } from '../parameters.ts';

interface Flags extends StateFlags {
  readonly json?: boolean;
}

export const doctorCommand = buildCommand<Flags, [], PicketContext>({
  func: command(doctor),
  parameters: { flags: { state: STATE_FLAG, socket: SOCKET_FLAG, json: JSON_FLAG } },
  docs: {
    brief: 'Find what keeps a gateway from working on this machine',
    fullDescription: description(
      'Checks Node, rights, nft, the kernel, tools, other firewalls, settings, clock, disk and the agent, each with the way out. What the kernel can hold is tried in a network namespace that ends at once. Nothing is changed. Exit code 1 where a check fails; a warning is no failure.',
      [
        { line: 'picket doctor', what: 'one line a check, the way out below it' },
        { line: 'picket explain PICKET-D008', what: 'more about one of them' },
      ],
    ),
  },
});

async function doctor({ io, paper }: Desk, flags: Flags): Promise<Exit> {
  const checks = await checkAll(surroundingsOf(io, flags));
  const isWell = checks.every(({ state }) => state !== 'fail');
  if (flags.json === true) paper.line(JSON.stringify({ schema: 'picket.doctor/v1', isWell, checks }));
  else printChecks({ io, paper }, checks);
  return isWell ? EXIT.done : EXIT.failed;
}

export function surroundingsOf(io: Desk['io'], flags: StateFlags): Surroundings {
  return {
    machine: io.machine,
    now: io.now(),
    version: io.version,
    stateFolder: io.machine.absolute(stateOf(flags)),
    socket: io.machine.absolute(socketOf(flags)),
  };
}
