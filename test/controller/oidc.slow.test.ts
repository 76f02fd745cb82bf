// A controller that is told of an identity provider by its configuration alone, and a real provider: whoever has a group there has its role here.

import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { routes } from '#routes';
import { Visitor } from '../people/visitor.testing.ts';
import { freePort, newCertificate } from '../people/world.testing.ts';
import { authorityOf, DOMAIN, type Running, start, temporary } from './controller.testing.ts';

const PROVIDER = fileURLToPath(new URL('../people/provider.mjs', import.meta.url));
const temp = temporary();
const data = join(temp.path, 'controller');
let running: Running;
let child: ChildProcess;
let origin: string;
let issuer: string;
let authority: string;

beforeAll(async () => {
  const [port, providerPort] = [await freePort(), await freePort()];
  origin = `https://localhost:${port}`;
  issuer = `https://localhost:${providerPort}`;
  authority = newCertificate(temp.path).chain;
  const [key, chain] = [join(temp.path, 'key.pem'), join(temp.path, 'chain.pem')];
  const secret = join(temp.path, 'secret');
  writeFileSync(secret, 'a secret of the test, long enough for it\n', { mode: 0o600 });
  const words = [PROVIDER, String(providerPort), key, chain, `${origin}/v1/login/oidc/main/return`];
  child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', () => reject(new Error('the provider did not begin')));
  });
  const more = `oidc:
  - id: main
    name: Example
    issuer: ${issuer}
    client: picket
    secret: ${secret}
    scopes: [profile, groups]
    authority: ${chain}
    device: false
    roles:
      - { value: plant-operators, domain: ${DOMAIN}, role: operator }
`;
  running = await start({ folder: data, port, more });
}, 60_000);

afterAll(async () => {
  child?.kill('SIGKILL');
  await running?.controller.close();
  temp.remove();
});

function visitor(): Visitor {
  return new Visitor([authorityOf(data) ?? '', authority]);
}

async function logonOf(name: string): Promise<{ readonly url: string; readonly secret: string | null }> {
  await visitor().ask(`${issuer}/as/${name}`, '');
  const browser = visitor();
  const { url } = await browser.go(`${origin}/v1/login/oidc/main`, (at) => at.startsWith(`${origin}/login/`));
  return { url, secret: browser.cookie(origin, '__Host-picket') };
}

it('shows the provider as it was named', async () => {
  const shown = await running.as(null).call(routes.logon.show, {});
  expect(shown).toMatchObject({ value: { issuers: [{ id: 'main', name: 'Example', hasDevice: false }] } });
});

it('gives the role of the group, and nothing else', async () => {
  const { url, secret } = await logonOf('grace');
  expect(url).toBe(`${origin}/login/#done`);
  const of = running.as(secret);
  const me = await of.call(routes.me.show, {});
  expect(me).toMatchObject({ kind: 'answer', value: { roles: { [DOMAIN]: 'operator' } } });
  const refused = await of.call(routes.users.setFourEyes, {
    params: { domain: DOMAIN },
    body: { isWholePolicy: true, services: [] },
  });
  expect(refused).toMatchObject({ kind: 'refused', problem: { status: 403 } });
});

it('lets nobody in whose groups have no role', async () => {
  expect(await logonOf('mallory')).toEqual({ url: `${origin}/login/#refused=PICKET-C542`, secret: null });
});

it('does not begin with an authority that is none', async () => {
  const file = join(temp.path, 'none.pem');
  writeFileSync(file, 'nothing\n');
  const more = `oidc: [{ issuer: ${issuer}, client: picket, authority: ${file} }]\n`;
  await expect(start({ folder: join(temp.path, 'other'), more })).rejects.toMatchObject({ code: 'PICKET-C820' });
});
