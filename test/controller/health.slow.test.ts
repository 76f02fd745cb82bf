// What a controller says when the world around it fails: each a state with a code and a way out, and nothing that was acknowledged is lost.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { routes } from '#routes';
import { DOMAIN, POLICY, person, seeded, session, start, temporary, until } from './controller.testing.ts';

const folders: { remove(): void }[] = [];
const mounts: string[] = [];

afterAll(() => {
  for (const path of mounts) spawnSync('umount', ['-l', path]);
  for (const folder of folders) folder.remove();
});

function place(): string {
  const folder = temporary();
  folders.push(folder);
  return folder.path;
}

const codes = (states: readonly { readonly code: string }[]): readonly string[] => states.map(({ code }) => code);

it('a clock that shows a time before the newest change is told, and so is a certificate that is not valid then', async () => {
  const folder = join(place(), 'data');
  const first = await start({ folder });
  await first.controller.close();
  const day = 86_400_000;
  let aheadMs = 0;
  const { controller } = await start({ folder, now: () => Date.now() + aheadMs });
  expect(controller.health.states).toEqual([]);
  aheadMs = -2 * day;
  await until('the clock is wrong', () => codes(controller.health.states).includes('PICKET-C813'));
  expect(controller.health.status).toBe('failed');
  aheadMs = 60 * day;
  await until('the certificate expired', () => codes(controller.health.states).includes('PICKET-C815'));
  for (const { help } of controller.health.states) expect(help).not.toBeNull();
  await controller.close();
}, 90_000);

const noDisk = missingDisk();

it.skipIf(noDisk !== null)(
  `a full disk refuses changes, loses none, and goes on when there is room${noDisk === null ? '' : ` (${noDisk})`}`,
  async () => {
    const path = place();
    const folder = join(path, 'data');
    await mkdir(folder);
    expect(mounted(folder, 'size=24m,mode=0700')).toBe(true);
    const secret = await seeded(folder, async (store) => {
      await person(store, 'ada', 'owner');
      return session(store, 'ada');
    });
    const { controller, as } = await start({ folder });
    const client = as(secret);
    expect(codes(controller.health.states)).toContain('PICKET-C812');
    const params = { domain: DOMAIN };
    const apply = (text: string, revision: number) =>
      client.call(routes.policies.apply, {
        params,
        body: { text, confirmSeconds: 0, waitSeconds: 0 },
        ifMatch: `r${revision}`,
      });
    expect(await apply(POLICY, 1)).toMatchObject({ value: { revision: 2 } });
    fill(join(folder, 'filler'));
    const refused = await apply(`${POLICY}#${' '.repeat(500_000)}\n`, 2);
    expect(refused).toMatchObject({ kind: 'refused', problem: { status: 503 } });
    await rm(join(folder, 'filler'));
    await until('it takes changes again', async () => (await apply(`${POLICY}# again\n`, 2)).kind === 'answer');
    expect(await client.call(routes.policies.show, { params })).toMatchObject({ value: { confirmed: 3 } });
    await controller.close();
  },
  90_000,
);

function mounted(folder: string, options: string): boolean {
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status === 0;
  if (isMounted) mounts.push(folder);
  return isMounted;
}

/** Why no small disk can be made here, or null. */
function missingDisk(): string | null {
  if (process.getuid?.() !== 0) return 'a disk of its own needs root';
  return mounted(place(), 'size=64k') ? null : 'no tmpfs can be mounted here';
}

/** Takes all the room that is left. */
function fill(path: string): void {
  const chunk = Buffer.alloc(64 * 1_024);
  for (let at = 0; at < 1_000; at++)
    try {
      writeFileSync(path, chunk, { flag: 'a' });
    } catch {
      return;
    }
}
