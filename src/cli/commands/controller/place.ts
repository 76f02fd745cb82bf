// Where a controller of this machine is: its data folder, and what it says of itself there. Asks nothing over the network.

import type { Running } from '#controller';
import type { Desk } from '../../context.ts';
import { EXIT } from '../../exits.ts';
import { Failure } from '../../failure.ts';
import { safeText } from '../../output/text.ts';
import { word } from '../parameters.ts';

export interface PlaceFlags {
  readonly data?: string;
}

const FOLDER = '/var/lib/picket/controller';

export const DATA_FLAG = {
  kind: 'parsed',
  parse: word,
  optional: true,
  brief: `Data folder of the controller [${FOLDER}]`,
  placeholder: 'DIR',
} as const;

export function folderOf({ io }: Pick<Desk, 'io'>, { data }: PlaceFlags): string {
  return io.machine.absolute(data ?? FOLDER);
}

/** What the controller of the folder says of itself; null where none runs. */
export async function runningAt({ io: { machine } }: Pick<Desk, 'io'>, folder: string): Promise<Running | null> {
  const running = parsed(await machine.text(`${folder}/running.json`));
  if (running === null) return null;
  // A crash leaves the file: the process it names is gone, or another program by now.
  const words = (await machine.text(`/proc/${running.pid}/cmdline`)) ?? '';
  return words.includes('controller') ? running : null;
}

export async function runningOrFail(desk: Pick<Desk, 'io'>, flags: PlaceFlags): Promise<Running> {
  const folder = folderOf(desk, flags);
  const running = await runningAt(desk, folder);
  if (running !== null) return running;
  throw new Failure({
    code: 'PICKET-C808',
    exit: EXIT.unreachable,
    message: `no controller runs on "${safeText(folder)}"`,
    help: 'start one with: picket controller up; or name its folder with --data',
  });
}

function parsed(text: string | null): Running | null {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isRunning(value) ? value : null;
  } catch {
    return null;
  }
}

/** INVARIANT: the folder is its owner's alone, so a file of this schema was written by a controller. */
function isRunning(value: unknown): value is Running {
  if (typeof value !== 'object' || value === null || !('schema' in value && 'pid' in value)) return false;
  return value.schema === 'picket.controller-running/v1' && typeof value.pid === 'number';
}
