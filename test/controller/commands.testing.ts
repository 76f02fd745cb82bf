// Commands as a person gives them, asked of a real controller: a context for each person in a folder, and what each command said. For tests.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Io, runPicket } from '#cli';
import { chunksOf, writeWhole } from '../../src/bin/files.ts';
import { machine } from '../../src/bin/machine.ts';
import { newTextIo } from '../../src/cli/io.testing.ts';
import { authorityOf, DOMAIN } from './controller.testing.ts';

export interface Said {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

export interface PeopleOptions {
  /** Folder of the controller, which runs. */
  readonly folder: string;
  readonly port: number;
  /** Session secrets by the name of who has them. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Runs a command as somebody; `onOut` is called with each piece of what it prints. */
export type Picket = (who: string, words: readonly string[], onOut?: (piece: string) => void) => Promise<Said>;

/** Everybody has one context, "here". */
export function picketOf({ folder, port, secrets }: PeopleOptions): Picket {
  for (const [name, secret] of Object.entries(secrets)) {
    const url = `https://localhost:${port}`;
    const one = { url, authority: authorityOf(folder), domain: DOMAIN, secret, who: name, endsAt: null };
    const kept = { schema: 'picket.contexts/v1', current: 'here', contexts: { here: one } };
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(kept), { mode: 0o600 });
  }
  return async (who, words, onOut = () => {}) => {
    let [out, err] = ['', ''];
    const { io } = newTextIo({ kind: 'stream', bytes: Buffer.alloc(0), chunk: 64 });
    const own: Io = {
      ...io,
      stdout: {
        columns: null,
        write: (text) => {
          out += text;
          onOut(text);
        },
      },
      stderr: {
        columns: null,
        write: (text) => {
          err += text;
        },
      },
      now: () => Date.now() * 1_000,
      read: (path) => chunksOf(path),
      checkWritable: async () => {},
      writeWhole,
      machine: {
        ...machine,
        environment: (name) => (name === 'PICKET_CONTEXTS' ? join(folder, `${who}.json`) : null),
        ask: async () => null,
      },
    };
    const exit = await runPicket(words, own);
    return { exit, out, err };
  };
}
