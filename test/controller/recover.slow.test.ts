// A controller whose last owner lost access: recovered by whoever has its machine, by nobody else, and by no request.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig, recoverController } from '#controller';
import { routes } from '#routes';
import { membershipsOf } from '#store';
import { SoftAuthenticator } from '../people/authenticator.testing.ts';
import { DOMAIN, person, type Running, seeded, start, temporary } from './controller.testing.ts';

const PICKET = fileURLToPath(new URL('../../picket', import.meta.url));
const temp = temporary();
const data = join(temp.path, 'controller');
/** As the configuration of these controllers names the port; the kernel chose another one. */
const origin = 'https://localhost:0';

function recover(name = 'Grace', folder = data) {
  const text = `picket: 1\ndata: ${folder}\nnames: [localhost]\nlisten: 127.0.0.1:0\n`;
  const { config } = readConfig(text, 'test');
  if (config === null) throw new Error('the configuration cannot be read');
  const out = { write: () => {} };
  return recoverController({ config, person: name, now: Date.now, elapsed: () => performance.now(), out });
}

function recorded(): string {
  const files = readdirSync(join(data, 'ledger'), { withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ name }) => readFileSync(join(data, 'ledger', name), 'utf8')).join('\n');
}

const linkSecret = (page: string): string => page.slice(page.indexOf('#k=') + 3);

async function used({ as }: Running, page: string) {
  const secret = linkSecret(page);
  const shown = await as(null).call(routes.logon.link, { body: { secret } });
  if (shown.kind !== 'answer') return shown;
  const made = new SoftAuthenticator({ origin, rpId: 'localhost' }).create(shown.value.options);
  return as(null).call(routes.logon.useLink, { body: { secret, passkeyName: 'laptop', made } });
}

beforeAll(() => seeded(data, (store) => person(store, 'ada', 'owner')), 60_000);
afterAll(() => temp.remove());

describe('a controller that nobody can log on to as owner', () => {
  it('is refused to the program while it runs, with nothing changed', async () => {
    const { controller } = await start({ folder: data });
    await expect(recover()).rejects.toMatchObject({ code: expect.stringMatching(/^PICKET-C/) });
    await controller.close();
    const users = await seeded(data, ({ db }) => db.selectFrom('users').select('id').execute());
    expect(users).toEqual([{ id: 'ada' }]);
  });

  it('gets a new owner of everything by a link that is good once, and the ledger says so', async () => {
    const { page, endsAt } = await recover();
    expect(page).toMatch(/^https:\/\/localhost:0\/login\/#k=/);
    expect(endsAt - Date.now()).toBeLessThanOrEqual(3_600_000);
    const running = await start({ folder: data });
    expect(await used(running, page)).toMatchObject({ kind: 'answer', value: { name: 'Grace' } });
    expect(await used(running, page)).toMatchObject({ kind: 'refused', problem: { code: 'PICKET-C505' } });
    await running.controller.close();
    const roles = await seeded(data, async ({ db }) => {
      const grace = await db.selectFrom('users').select('id').where('name', '=', 'Grace').executeTakeFirstOrThrow();
      return membershipsOf(db, grace.id);
    });
    expect(roles.map(({ domain, role }) => [domain, role])).toEqual(
      expect.arrayContaining([
        [DOMAIN, 'owner'],
        ['*', 'owner'],
      ]),
    );
    const ledger = recorded();
    expect(ledger).toContain('"by":"recovery"');
    expect(ledger).not.toContain(linkSecret(page));
  });

  it.each([
    ['a folder that is not there', join(temp.path, 'nowhere')],
    ['a folder without a controller', join(temp.path, 'empty')],
  ])('is not made in %s', async (_, folder) => {
    if (folder.endsWith('empty')) mkdirSync(folder, { mode: 0o700 });
    await expect(recover('Grace', folder)).rejects.toMatchObject({ code: 'PICKET-C819' });
  });

  it('has no route for it', () => {
    const words = Object.values(routes).flatMap((area) =>
      Object.entries(area).map(([name, { path }]) => `${name} ${path}`),
    );
    expect(words.filter((word) => /recover/i.test(word))).toEqual([]);
  });

  it('is not for another user, whatever the rights of the folder', (context) => {
    context.skip(process.getuid?.() !== 0, 'it takes root to be another user');
    chmodSync(temp.path, 0o755);
    chmodSync(data, 0o755);
    const env = { ...process.env, HOME: '/nonexistent', NO_COLOR: '1' };
    const run = (words: readonly string[], who = {}): string =>
      execFileSync(PICKET, words, { ...who, env, encoding: 'utf8', stdio: 'pipe', timeout: 60_000 });
    // Whatever has to be built is built by whom the checkout belongs to.
    run(['--version']);
    const nobody = { uid: 65_534, gid: 65_534 };
    try {
      run(['--version'], nobody);
    } catch {
      context.skip('another user may not read this checkout');
    }
    expect(() => run(['controller', 'recover', '--data', data, '--name', 'localhost'], nobody)).toThrow('PICKET-C819');
  }, 180_000);
});
