// Which controller is meant: its configuration, or its data folder alone. Not what is done with it.

import type { Config } from '#controller';
import type { Desk } from '../../context.ts';
import { CONTROLLER_FLAGS, configOf } from '../controller/config.ts';
import { word } from '../parameters.ts';

export interface BackupFlags {
  readonly config?: string;
  readonly data?: string;
}

export const BACKUP_FLAGS = { config: CONTROLLER_FLAGS.config, data: CONTROLLER_FLAGS.data } as const;

export const BACKUP_FILE = {
  kind: 'tuple',
  parameters: [{ parse: word, brief: 'The backup', placeholder: 'FILE' }],
} as const;

export async function backedConfig(desk: Desk, flags: BackupFlags): Promise<Config> {
  const config = await configOf(desk, flags);
  return { ...config, data: desk.io.machine.absolute(config.data) };
}
