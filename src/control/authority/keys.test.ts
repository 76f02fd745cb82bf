// Keys at rest: what is in the database opens with its own seal only, root files are read by their owner alone, a root that was taken away is missed late.

import { chmod, copyFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  ADA,
  CAMERA,
  codeOf,
  DAY_MS,
  DOMAIN,
  Element,
  NOON,
  openWorld,
  type World,
  type WorldOptions,
} from './authority.testing.ts';

let world: World;
const open = async (options?: WorldOptions): Promise<void> => {
  world = await openWorld(options);
};
const step = (name: 'publish'): Promise<string> =>
  codeOf(world.authority.rotate(DOMAIN, ADA, { purpose: 'root', step: name, force: false }));
afterEach(() => world.close());

async function rootFile(): Promise<string> {
  const folder = join(world.folder, 'keys', 'roots');
  const [name = ''] = await readdir(folder);
  return join(folder, name);
}

describe('with a key file of its own', () => {
  beforeEach(() => open());

  test('no private key stands in the database, and none of the seal or the root', async () => {
    const rows = JSON.stringify(await world.store.db.selectFrom('authority_keys').selectAll().execute());
    const settings = JSON.stringify(await world.store.db.selectFrom('settings').selectAll().execute());
    const seal = (await readFile(join(world.folder, 'keys', 'seal.key'), 'utf8')).trim();
    const root = JSON.parse(await readFile(await rootFile(), 'utf8'));
    // The head of an unsealed P-256 key in PKCS #8, in base64.
    expect(rows).not.toContain('MIGHAgEAMBMGByqGSM49');
    expect(rows).not.toContain(root.key);
    expect(settings).not.toContain(seal);
    const kept = await world.store.db.selectFrom('authority_keys').select(['purpose', 'sealed']).execute();
    expect(kept.map(({ purpose, sealed }) => [purpose, sealed === null]).sort()).toEqual([
      ['issuing', false],
      ['policy', false],
      ['root', true],
    ]);
  });

  test('opens again with the same file, and is refused with another or none', async () => {
    expect(await codeOf(world.again())).toBe('ok');
    const path = join(world.folder, 'keys', 'seal.key');
    await rename(path, `${path}.away`);
    expect(await codeOf(world.again())).toBe('PICKET-C341');
    await writeFile(path, `${'A'.repeat(43)}\n`, { mode: 0o600 });
    expect(await codeOf(world.again())).toBe('PICKET-C341');
    await writeFile(path, 'damaged', { mode: 0o600 });
    expect(await codeOf(world.again())).toBe('PICKET-C341');
  });

  test('refuses key files that others can read', async () => {
    for (const path of [join(world.folder, 'keys', 'seal.key'), await rootFile()]) {
      await chmod(path, 0o640);
      expect(
        await codeOf(path.endsWith('seal.key') ? world.again() : world.authority.replaceIssuing(DOMAIN, ADA)),
      ).toBe('PICKET-C342');
      await chmod(path, 0o600);
    }
  });

  test('says which root file is damaged or another one', async () => {
    const path = await rootFile();
    const text = await readFile(path, 'utf8');
    for (const wrong of [
      '',
      '{',
      '{}',
      text.replace('picket-root/1', 'picket-root/2'),
      text.replace(/"key":"[^"]+"/, '"key":"AAAA"'),
    ]) {
      await writeFile(path, wrong);
      expect(await step('publish')).toBe('PICKET-C343');
    }
    await writeFile(path, text);
    expect(await step('publish')).toBe('ok');
  });

  test('a root that was taken away is needed for rotation and after the issuing certificate', async () => {
    const path = await rootFile();
    await rename(path, join(world.folder, 'away.json'));
    expect(await step('publish')).toBe('PICKET-C340');
    expect(await codeOf(new Element().enrol(world.authority))).toBe('ok');
    expect(await world.authority.health(DOMAIN)).toEqual([]);
    world.clock.now = NOON + 15 * DAY_MS;
    expect(await world.authority.health(DOMAIN)).toMatchObject([{ code: 'PICKET-C340', severity: 'warning' }]);
    world.clock.now = NOON + 29.5 * DAY_MS;
    const last = new Element();
    const { notAfter } = await last.enrol(world.authority, { ...CAMERA, path: 'last' });
    expect(notAfter).toBe(NOON + 30 * DAY_MS);
    world.clock.now = NOON + 30 * DAY_MS;
    expect(await world.authority.health(DOMAIN)).toMatchObject([{ code: 'PICKET-C340', severity: 'error' }]);
    expect(await codeOf(new Element().enrol(world.authority, { ...CAMERA, path: 'late' }))).toBe('PICKET-C340');
    await mkdir(join(world.folder, 'keys', 'roots'), { recursive: true });
    await rename(join(world.folder, 'away.json'), path);
    await world.authority.tend();
    expect(await codeOf(new Element().enrol(world.authority, { ...CAMERA, path: 'late' }))).toBe('ok');
    expect(await world.authority.health(DOMAIN)).toEqual([]);
  });

  test('issuing certificates are made anew at half of their life', async () => {
    world.clock.now = NOON + 15 * DAY_MS - 2;
    await new Element().enrol(world.authority, { ...CAMERA, path: 'early' });
    const issuing = async (): Promise<number> =>
      (await world.authority.keys(DOMAIN)).filter(({ purpose }) => purpose === 'issuing').length;
    expect(await issuing()).toBe(1);
    world.clock.now = NOON + 15 * DAY_MS;
    await new Element().enrol(world.authority, { ...CAMERA, path: 'later' });
    expect(await issuing()).toBe(2);
  });

  test('any controller that has the file of the root makes the next one, and all issue by it', async () => {
    const path = await rootFile();
    const folder = join(world.folder, 'other');
    await mkdir(join(folder, 'roots'), { recursive: true, mode: 0o700 });
    await copyFile(join(world.folder, 'keys', 'seal.key'), join(folder, 'seal.key'));
    const other = await world.again({ folder });
    world.clock.now = NOON + 15 * DAY_MS;
    const issuing = async (): Promise<number> =>
      (await world.authority.keys(DOMAIN)).filter(({ purpose }) => purpose === 'issuing').length;
    expect(await codeOf(new Element().enrol(other, { ...CAMERA, path: 'first' }))).toBe('ok');
    expect(await issuing()).toBe(1);
    await rename(path, join(folder, 'roots', basename(path)));
    expect(await codeOf(new Element().enrol(other, { ...CAMERA, path: 'second' }))).toBe('ok');
    expect(await issuing()).toBe(2);
    expect(await codeOf(new Element().enrol(world.authority))).toBe('ok');
    expect(await world.authority.health(DOMAIN)).toEqual([]);
  });

  test('a clock that was set back issues nothing that nobody accepts', async () => {
    world.clock.now = NOON - DAY_MS;
    expect(await codeOf(new Element().enrol(world.authority, { ...CAMERA, path: 'back' }))).toBe('PICKET-C344');
  });
});

describe('with passphrases', () => {
  test('seal and root open with theirs, and no other', async () => {
    await open({
      seal: { kind: 'passphrase', passphrase: 'correct horse battery' },
      rootPassphrase: 'another long passphrase',
    });
    expect(JSON.parse(await readFile(await rootFile(), 'utf8'))).not.toHaveProperty('key');
    expect(await step('publish')).toBe('ok');
    expect(await codeOf(world.again({ seal: { kind: 'passphrase', passphrase: 'correct horse staples' } }))).toBe(
      'PICKET-C341',
    );
    const wrong = await world.again({ rootPassphrase: 'a third long passphrase' });
    expect(await codeOf(wrong.replaceIssuing(DOMAIN, ADA))).toBe('PICKET-C343');
    expect(await codeOf(world.again({ seal: { kind: 'passphrase', passphrase: 'too short' } }))).toBe('PICKET-C341');
  });
});

describe('establish()', () => {
  beforeEach(() => open());

  test('of two controllers at once makes one authority, and leaves one root file', async () => {
    const second = await world.again();
    await Promise.all([
      world.authority.establish('lab', ADA),
      second.establish('lab', ADA),
      world.authority.establish('lab', ADA),
    ]);
    expect((await second.keys('lab')).map(({ purpose }) => purpose).sort()).toEqual(['issuing', 'policy', 'root']);
    const files = (await readdir(join(world.folder, 'keys', 'roots'))).filter((name) => name.startsWith('lab.'));
    expect(files).toHaveLength(1);
    expect(await codeOf(second.replaceIssuing('lab', ADA))).toBe('ok');
  });

  test.each(['', 'Plant', '10.0.0.1', '../x', 'a/b', '*'])('refuses the domain %j', async (domain) => {
    expect(await codeOf(world.authority.establish(domain, ADA))).toBe('PICKET-C300');
  });
});

describe('a certificate of the controller itself', () => {
  beforeEach(() => open());

  test('names its hosts, and refuses what is no host', async () => {
    const own = await world.authority.ownCertificate({
      domain: DOMAIN,
      name: 'main',
      hosts: ['Picket.Plant.Example', '127.0.0.1', '::1', 'localhost'],
    });
    expect(own.chain.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
    for (const hosts of [['a b'], ['*.plant.example'], ['-x'], Array.from({ length: 33 }, (_, index) => `h${index}`)])
      expect(await codeOf(world.authority.ownCertificate({ domain: DOMAIN, name: 'main', hosts }))).toBe('PICKET-C349');
  });
});
