// Commands against a controller over real TLS: log on, who am I, contexts, people, sessions, tokens; and whoever answers in its place.

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Io, runPicket } from '#cli';
import { chunksOf } from '../../src/bin/files.ts';
import { machine } from '../../src/bin/machine.ts';
import { newTextIo } from '../../src/cli/io.testing.ts';
import {
  actorOf,
  DOMAIN,
  factsFrom,
  firstOwner,
  newServedWorld,
  OTHER,
  type Person,
  type Served,
} from './world.testing.ts';

let world: Served;
let ada: Person;
let folder: string;
let contexts: string;

beforeAll(async () => {
  world = await newServedWorld();
  ada = await firstOwner(world, world.origin);
  folder = mkdtempSync(join(tmpdir(), 'picket-remote-'));
  contexts = join(folder, 'config', 'contexts.json');
  writeFileSync(join(folder, 'ca.pem'), world.certificate);
}, 60_000);
afterAll(async () => {
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

interface How {
  readonly input?: string;
  readonly answer?: string | null;
  /** Told each line of talk as it comes. */
  readonly said?: (line: string) => void;
  readonly file?: string;
}

/** picket with the real network and files; what a person would type is prepared. */
async function picket(
  words: readonly string[],
  { input = '', answer = null, said, file = contexts }: How = {},
): Promise<Ran> {
  let [out, err] = ['', ''];
  const { io } = newTextIo({ kind: 'stream', bytes: Buffer.from(input), chunk: 64 });
  const own: Io = {
    ...io,
    version: '0.1.0',
    stdout: {
      columns: null,
      write: (text) => {
        out += text;
      },
    },
    stderr: {
      columns: null,
      write: (text) => {
        err += text;
        said?.(text);
      },
    },
    now: () => Date.now() * 1_000,
    read: (path) => (path === '-' ? io.read(path) : chunksOf(path)),
    machine: {
      ...machine,
      environment: (name) => (name === 'PICKET_CONTEXTS' ? file : null),
      wait: (millis) => machine.wait(Math.min(millis, 20)),
      ask: async () => answer,
    },
  };
  const exit = await runPicket(words, own);
  return { exit, out, err };
}

/** Lets in, as Ada would from a browser, the program whose code was shown. */
function letIn(isApproved = true): (line: string) => void {
  return (line) => {
    const code = /the code {2}(\S+)/.exec(line)?.[1];
    if (code === undefined) return;
    void actorOf(world, ada.secret).then((actor) =>
      world.people.decideCode({ actor, code, isApproved, facts: factsFrom() }),
    );
  };
}

const url = (): string => `localhost:${world.port}`;
const login = (): readonly string[] => ['login', url(), '--ca', join(folder, 'ca.pem')];

describe('picket login', () => {
  test('without a vouched authority sends nothing and keeps nothing', async () => {
    const ran = await picket(['login', url()]);
    expect(ran).toMatchObject({ exit: 7, out: '' });
    expect(ran.err).toContain('error[PICKET-C905]');
    expect(await picket(['login', url()], { answer: 'n' })).toMatchObject({ exit: 7 });
    const other = ['login', url(), '--fingerprint', 'ab'.repeat(32)];
    expect((await picket(other)).err).toContain('another authority than stated');
    expect(existsSync(contexts)).toBe(false);
  });

  test('where nobody is says so with exit code 6', async () => {
    const ran = await picket(['login', 'localhost:1']);
    expect(ran.exit).toBe(6);
    expect(ran.err).toContain('error[PICKET-C451]');
  });

  test.each([['http://localhost'], ['https://ada:pw@localhost'], ['https://localhost/path'], ['::'], ['']])(
    'refuses the address %s',
    async (address) => {
      expect(await picket(['login', address])).toMatchObject({ exit: 2 });
    },
  );

  test('that is refused in the browser keeps nothing', async () => {
    const ran = await picket(login(), { said: letIn(false) });
    expect(ran.exit).toBe(5);
    expect(ran.err).toContain('error[PICKET-C906]');
    expect(existsSync(contexts)).toBe(false);
  });

  test('that is let in keeps a context for this user alone', async () => {
    const ran = await picket(login(), { said: letIn() });
    expect(ran).toMatchObject({ exit: 0 });
    expect(ran.out).toContain(`Logged on to https://localhost:${world.port} as Ada`);
    expect(statSync(contexts).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'config')).mode & 0o777).toBe(0o700);
    const kept = JSON.parse(readFileSync(contexts, 'utf8'));
    expect(ran.out + ran.err).not.toContain(kept.contexts.localhost.secret);
  });

  test('by fingerprint or by a yes keeps the same authority', async () => {
    const file = join(folder, 'second.json');
    const first = await picket(['login', url()], { answer: 'y', said: letIn(), file });
    expect(first).toMatchObject({ exit: 0 });
    const shown = /\n {3}((?:[0-9a-f]{4} ?){16})\n/.exec(first.err)?.[1] ?? '';
    const again = ['login', url(), '--fingerprint', shown];
    expect(await picket(again, { said: letIn(), file })).toMatchObject({ exit: 0 });
  });
});

describe('with a context', () => {
  test('picket whoami says who and what', async () => {
    const table = await picket(['whoami']);
    expect(table.out).toContain('Ada (person, id ');
    expect(table.out).toMatch(/plant\.example +owner/);
    const json = JSON.parse((await picket(['whoami', '--json'])).out);
    expect(json).toMatchObject({ schema: 'picket.whoami/v1', context: 'localhost', roles: { [DOMAIN]: 'owner' } });
  });

  test('a domain is chosen', async () => {
    const unsaid = await picket(['users', 'ls']);
    expect(unsaid).toMatchObject({ exit: 2 });
    expect(unsaid.err).toContain('PICKET-C910');
    expect(await picket(['context', 'use', 'localhost', '--domain', DOMAIN])).toMatchObject({ exit: 0 });
    expect((await picket(['context', 'ls'])).out).toMatch(/\* +localhost +https:\/\/localhost:\d+ +plant\.example/);
    expect((await picket(['context', 'ls', '--json'])).out).not.toContain('pks_');
    expect(await picket(['context', 'use', 'localhots'])).toMatchObject({ exit: 3 });
  });

  test('people are invited, given roles, and removed', async () => {
    const added = await picket(['users', 'add', 'Ben \u001b[31m', '--role', 'viewer']);
    expect(added.exit).toBe(2);
    const ben = JSON.parse((await picket(['users', 'add', 'Ben', '--role', 'viewer', '--json'])).out);
    expect(ben.link.page).toContain('/login/#k=');
    expect((await picket(['users', 'ls'])).out).toMatch(/Ben +viewer +nothing yet/);
    const { id } = ben.user;
    expect((await picket(['users', 'role', id, '--role', 'operator'])).out).toContain('--role viewer');
    expect((await picket(['users', 'link', id])).out).toContain('/login/#k=');
    expect(await picket(['users', 'rm', id, '--domain', OTHER])).toMatchObject({ exit: 3 });
    expect(await picket(['users', 'rm', id])).toMatchObject({ exit: 0 });
    expect(await picket(['users', 'rm', id])).toMatchObject({ exit: 3 });
    const last = await picket(['users', 'rm', ada.id]);
    expect(last).toMatchObject({ exit: 7 });
    expect(last.err).toMatch(/^error\[PICKET-C520\]: .*; nothing was changed\n {3}help: /);
    expect(await picket(['users', 'ls', '--domain', 'nowhere.example'])).toMatchObject({ exit: 3 });
  });

  test('what needs a second person is shown and set', async () => {
    expect((await picket(['users', 'four-eyes', 'ssh'])).out).toContain('Changes that touch ssh need a second person');
    expect((await picket(['users', 'four-eyes', '--all'])).out).toContain('Every change');
    const asked = await picket(['users', 'four-eyes', '--none']);
    expect(asked.out).toMatch(/^Every change.*\nAsked for by .* another owner .*\n {2}No change/);
    expect((await picket(['users', 'four-eyes'])).out).toBe(asked.out);
    expect(await picket(['users', 'four-eyes', 'ssh', '--all'])).toMatchObject({ exit: 2 });
  });

  test('an API token does what its scope says and no more', async () => {
    const made = await picket(['tokens', 'api', 'make', 'job', '--scope', 'people:read', '--days', '1']);
    const secret = made.out.trim();
    expect(secret).toMatch(/^pkt_/);
    const file = join(folder, 'job.json');
    const logon = [...login(), '--token'];
    expect(await picket(logon, { input: `${secret}\n`, file })).toMatchObject({ exit: 0 });
    expect((await picket(['users', 'ls'], { file })).out).toContain('Ada');
    const wider = await picket(['users', 'add', 'Eve', '--role', 'owner'], { file });
    expect(wider).toMatchObject({ exit: 5 });
    expect(await picket(['tokens', 'api', 'ls'], { file })).toMatchObject({ exit: 5 });
    const id = JSON.parse((await picket(['tokens', 'api', 'ls', '--json'])).out).tokens[0].id;
    expect(await picket(['tokens', 'api', 'rm', id])).toMatchObject({ exit: 0 });
    expect(await picket(['users', 'ls'], { file })).toMatchObject({ exit: 5 });
    expect(await picket(logon, { input: 'pkt_short', file })).toMatchObject({ exit: 2 });
    const odd = await picket(['tokens', 'api', 'make', 'x', '--scope', 'everything']);
    expect(odd).toMatchObject({ exit: 2 });
  });

  test('sessions are listed and ended', async () => {
    const list = JSON.parse((await picket(['sessions', 'ls', '--json'])).out).sessions;
    const other = list.find(({ isThis }: { readonly isThis: boolean }) => !isThis);
    expect((await picket(['sessions', 'show', other.id])).out).toContain('ends');
    expect((await picket(['sessions', 'ls', '--people'])).out).toContain('Ada');
    expect(await picket(['sessions', 'end', 'nothing'])).toMatchObject({ exit: 3 });
    expect(await picket(['sessions', 'end'])).toMatchObject({ exit: 2 });
    expect(await picket(['sessions', 'end', other.id])).toMatchObject({ exit: 0 });
  });

  test('a controller with another authority is not believed', async () => {
    const file = join(folder, 'moved.json');
    const kept = readFileSync(contexts, 'utf8');
    const other = await newServedWorld();
    try {
      writeFileSync(file, kept.replaceAll(String(world.port), String(other.port)), { mode: 0o600 });
      const ran = await picket(['whoami'], { file });
      expect(ran).toMatchObject({ exit: 6 });
      expect(ran.err).toContain('PICKET-C451');
    } finally {
      await other.close();
    }
  });

  test('logins that others may read are not used', async () => {
    chmodSync(contexts, 0o644);
    const ran = await picket(['whoami']);
    chmodSync(contexts, 0o600);
    expect(ran).toMatchObject({ exit: 7 });
    expect(ran.err).toContain('PICKET-C903');
    const file = join(folder, 'broken.json');
    writeFileSync(file, '{"schema":1}', { mode: 0o600 });
    expect((await picket(['whoami'], { file })).err).toContain('PICKET-C902');
  });

  test('picket logout ends the session at the controller', async () => {
    const { secret } = JSON.parse(readFileSync(contexts, 'utf8')).contexts.localhost;
    expect(await picket(['logout'])).toMatchObject({ exit: 0 });
    expect((await actorOf(world, secret)).kind).toBe('nobody');
    expect(readFileSync(contexts, 'utf8')).not.toContain('pks_');
    expect(await picket(['whoami'])).toMatchObject({ exit: 5 });
    expect(await picket(['context', 'rm', 'localhost'])).toMatchObject({ exit: 0 });
    const none = await picket(['whoami']);
    expect(none).toMatchObject({ exit: 5 });
    expect(none.err).toContain('PICKET-C900');
  });
});
