// Checks of the agent and what it left: is it running, is it this version, is its table held, is its state safe and is there room for it.

import { AgentError, agentClient, type StatusAnswer } from '#agent';
import { bytesText, counted, durationText } from '../output/text.ts';
import { type Check, type Checked, fail, ok, type Surroundings, warn } from './checked.ts';

/** The history of revisions and the journal stay far below it; a full disk refuses every change. */
const FREE_BYTES_LEAST = 64 * 1_000_000;
const FREE_BYTES_GOOD = 1_000_000_000;
const OTHERS_MAY = 0o077;

/** The status of a running agent, or why there is none. */
export type Asked = StatusAnswer | AgentError;

export async function askStatus({ machine, socket }: Surroundings): Promise<Asked> {
  try {
    const caller = { pid: machine.pid, sshConnection: machine.environment('SSH_CONNECTION') };
    return await agentClient({ socket, caller }).ask('status', {});
  } catch (error) {
    if (error instanceof AgentError) return error;
    throw error;
  }
}

export async function checkAgent({ machine, now, version }: Surroundings, asked: Asked): Promise<readonly Checked[]> {
  const facts = { code: 'PICKET-D015', name: 'agent' } as const;
  if (asked instanceof AgentError) return [await absent(machine, asked)];
  const lasts = durationText(Math.max(0, now - Date.parse(asked.since) * 1_000));
  const found = `runs since ${lasts}, process ${asked.pid}, version ${asked.version}`;
  if (asked.version !== version)
    return [
      warn({ ...facts, found: `${found}; this picket is ${version}` }, 'picket agent stop; picket up'),
      table(asked),
    ];
  return [ok({ ...facts, found }), table(asked), ...health(asked)];
}

async function absent(machine: Surroundings['machine'], error: AgentError): Promise<Checked> {
  if (error.code !== 'PICKET-G020')
    return fail({ code: 'PICKET-D015', name: 'agent', found: error.message }, error.help ?? 'see its log');
  const left = await machine.run(['nft', 'list', 'tables']);
  if (/^table inet picket$/m.test(left.stdout)) {
    const found = 'does not run, but its table is in the kernel: what it denied stays denied';
    return warn({ code: 'PICKET-D016', name: 'agent', found }, 'picket up takes it over');
  }
  return warn({ code: 'PICKET-D015', name: 'agent', found: 'does not run' }, 'picket up');
}

function table({ table: { isUp, driftFailed, driftRepaired } }: StatusAnswer): Checked {
  const facts = { code: 'PICKET-D017', name: 'table' } as const;
  if (!isUp) return fail({ ...facts, found: 'is not in the kernel: nothing is held' }, 'picket agent stop; picket up');
  if (driftFailed > 0)
    return fail(
      { ...facts, found: 'somebody changed it, and it could not be put right' },
      'picket agent stop; picket up',
    );
  if (driftRepaired > 0)
    return warn(
      { ...facts, found: `somebody changed it (${counted(driftRepaired, 'time')}), and it was put right` },
      'find who: a service that reloads all rules, or a person',
    );
  return ok({ ...facts, found: 'in the kernel, unchanged by others' });
}

function health({ health: all }: StatusAnswer): readonly Checked[] {
  return all.map(({ code, message }) =>
    warn({ code: 'PICKET-D018', name: 'health', found: message }, `picket explain ${code}`),
  );
}

export const checkState: Check = async ({ machine, stateFolder }) => {
  const facts = { code: 'PICKET-D019', name: 'state' } as const;
  const entry = await machine.entry(stateFolder);
  if (entry !== null && entry.kind !== 'directory')
    return [fail({ ...facts, found: `${stateFolder} is no folder` }, 'move it away, or name another with --state')];
  if (entry !== null && (entry.uid !== machine.uid || (entry.mode & OTHERS_MAY) !== 0)) {
    const found = `${stateFolder} is open to others (owner ${entry.uid}, mode ${entry.mode.toString(8)})`;
    return [fail({ ...facts, found }, `chown root: and chmod 700 ${stateFolder}: who may write it writes the policy`)];
  }
  return [
    ok({ ...facts, found: entry === null ? `${stateFolder} is made by "picket up"` : `${stateFolder}, yours alone` }),
    room(await machine.freeBytes(stateFolder)),
  ];
};

function room(free: number | null): Checked {
  const facts = { code: 'PICKET-D020', name: 'disk' } as const;
  if (free === null) return warn({ ...facts, found: 'the room for the state is not known' }, 'see: df');
  const found = `${bytesText(free)} free for the state`;
  if (free < FREE_BYTES_LEAST) return fail({ ...facts, found }, 'free some: without room no change can be kept');
  if (free < FREE_BYTES_GOOD) return warn({ ...facts, found }, 'free some before it is full');
  return ok({ ...facts, found });
}
