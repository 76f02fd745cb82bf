// `picket controller run`: the process that holds domains, for service managers and for `picket controller up`.

import { buildCommand } from '@stricli/core';
import { MILLISECOND } from '#model';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { CONTROLLER_FLAGS, type ControllerFlags, configOf } from './config.ts';
import { begun } from './trouble.ts';

interface Flags extends ControllerFlags {
  readonly forAgent?: boolean;
}

export const runCommand = buildCommand<Flags, [], PicketContext>({
  func: command(run),
  parameters: {
    flags: {
      ...CONTROLLER_FLAGS,
      forAgent: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Also make what the agent of this machine joins by, as "picket up --controller" asks',
      },
    },
  },
  docs: {
    brief: 'Hold domains in this process, until told to end',
    fullDescription: description(
      'What a service manager runs. It needs no root and nothing else installed: database, ledger and keys are in its data folder. A first start makes a domain with a policy that observes and blocks nothing. Lines of the log go to stderr. SIGTERM ends it when everything that was acknowledged is on the disk.',
      [
        { line: 'picket controller run --data ./data --domain plant.example', what: 'without a configuration' },
        { line: 'picket controller run --config /etc/picket/controller.yaml', what: 'see docs/control/controller.md' },
      ],
    ),
  },
});

async function run(desk: Desk, { forAgent, ...flags }: Flags): Promise<Exit> {
  const { io } = desk;
  io.machine.spareMemory();
  const config = await configOf(desk, flags);
  // Loaded here alone: no other command waits for the rooms of the control plane.
  const { runController } = await import('#controller');
  const told = new AbortController();
  io.machine.onTold(() => told.abort());
  await begun(() =>
    runController({
      config,
      version: io.version,
      isForAgent: forAgent === true,
      timezone: io.machine.timezone,
      now: () => Math.floor(io.now() / MILLISECOND),
      elapsed: () => Math.floor(io.machine.elapsed() / MILLISECOND),
      out: { write: (line) => io.stderr.write(line) },
      signal: told.signal,
    }),
  );
  return EXIT.done;
}
