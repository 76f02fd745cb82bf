// What comes with Picket from others: pinned to the version, without scripts that run at installation, and not more than was decided (docs/decisions/0002).

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(name, root), 'utf8'));
const { dependencies, devDependencies } = read('package.json');
const locked = Object.entries(read('package-lock.json').packages).filter(([path]) => path !== '');
const shipped = locked.filter(([, { dev, optional }]) => dev !== true && optional !== true);

/** One more is a decision. Half of them are of passkeys, certificates and the log. */
const SHIPPED_MAX = 86;

it('every package is pinned exactly', () => {
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
    expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
});

it('no package that ships runs a script when it is installed', () => {
  expect(shipped.filter(([, { hasInstallScript }]) => hasInstallScript === true)).toEqual([]);
});

it(`no more than ${SHIPPED_MAX} packages ship`, () => {
  expect(shipped.length).toBeGreaterThan(0);
  expect(shipped.length).toBeLessThanOrEqual(SHIPPED_MAX);
});
