// The configuration of a controller as a command is given it: a file, flags that override it, or flags alone.

import type { Config } from '#controller';
import { frameProblems } from '#policy';
import type { Desk } from '../../context.ts';
import { EXIT } from '../../exits.ts';
import { Failure } from '../../failure.ts';
import { readText } from '../../input/source.ts';
import { word } from '../parameters.ts';

export interface ControllerFlags {
  readonly config?: string;
  readonly data?: string;
  readonly domain?: string;
  readonly name?: string;
  readonly listen?: string;
  readonly agents?: string;
}

function textFlag(brief: string, placeholder: string) {
  return { kind: 'parsed', parse: word, optional: true, brief, placeholder } as const;
}

export const CONTROLLER_FLAGS = {
  config: textFlag('Configuration [/etc/picket/controller.yaml where it is there]', 'FILE'),
  data: textFlag('Folder of database, ledger and keys [/var/lib/picket/controller]', 'DIR'),
  domain: textFlag('Domain that a first start makes [the public name]', 'ID'),
  name: textFlag('Public name [the name of this host]', 'HOST'),
  listen: textFlag('Address for people and programs [0.0.0.0:7443]', 'ADDRESS'),
  agents: textFlag('Address for agents [0.0.0.0:7444]', 'ADDRESS'),
} as const;

/** The configuration; fails with every fault in its place where there is one. */
export async function configOf(desk: Desk, flags: ControllerFlags): Promise<Config> {
  const { CONFIG_FILE, readConfig } = await import('#controller');
  const file = flags.config ?? ((await desk.io.machine.entry(CONFIG_FILE)) === null ? null : CONFIG_FILE);
  const text = file === null ? 'picket: 1\n' : await readText(desk.io, file);
  const { config, problems } = readConfig(text, file ?? 'no file');
  if (config === null) {
    desk.say(frameProblems(problems, text));
    throw faulty(`the configuration "${file ?? ''}" has errors; nothing was started`);
  }
  return withFlags(config, flags);
}

/** Flags pass the same checks as the file: they are read as one. */
async function withFlags(config: Config, flags: ControllerFlags): Promise<Config> {
  const { readConfig } = await import('#controller');
  const { data, domain, listen, agents, name } = flags;
  const given = { data, domain, listen, agents, ...(name === undefined ? {} : { names: [name] }) };
  const stated = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const { config: read, problems } = readConfig(JSON.stringify({ picket: 1, ...stated }), 'flags');
  const [first] = problems;
  if (read === null) throw faulty(first?.message ?? 'the flags cannot be read');
  return { ...config, ...Object.fromEntries(Object.entries(read).filter(([key]) => key in stated)) };
}

function faulty(message: string): Failure {
  return new Failure({
    code: 'PICKET-C801',
    exit: EXIT.wrongUsage,
    message,
    help: 'correct it; docs/control/controller.md lists every field',
  });
}
