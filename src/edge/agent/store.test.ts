// Revisions on disk: what a start finds after a stop at any write, and that damage is refused rather than forgotten.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Store } from './store.ts';
import { AgentError } from './trouble.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'picket-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const add = (store: Store, text: string) => store.add({ at: 1, by: 'test', why: text, text });
const begun = (): Store => {
  const store = new Store(folder);
  store.begin(add(store, 'first'));
  return store;
};

it('is empty at first', () => {
  expect(new Store(folder).isEmpty).toBe(true);
});

it('keeps what waits apart from what is confirmed, over a restart', () => {
  const store = begun();
  const { revision } = add(store, 'second');
  store.await({ revision, deadline: 5, caller: null });
  expect(new Store(folder).head).toMatchObject({ confirmed: 1, pending: { revision: 2 }, next: 3 });
  store.confirm();
  expect(new Store(folder).head).toMatchObject({ confirmed: 2, pending: null });
});

it('records what was taken back', () => {
  const store = begun();
  store.await({ revision: add(store, 'second').revision, deadline: 5, caller: null });
  store.revert();
  expect(new Store(folder).head).toMatchObject({ confirmed: 1, pending: null, reverted: [2] });
  expect(add(store, 'third').revision).toBe(3);
});

it('gives a number again that a crash left without use', () => {
  add(begun(), 'written, and the process died');
  const store = new Store(folder);
  expect(add(store, 'second').revision).toBe(2);
  expect(store.revision(2).text).toBe('second');
});

it('keeps a hundred revisions, and the confirmed one whatever its age', () => {
  const store = begun();
  for (let number = 0; number < 130; number++) {
    store.await({ revision: add(store, `r${number}`).revision, deadline: 5, caller: null });
    store.revert();
  }
  expect(store.revision(1).text).toBe('first');
  expect(store.revisions.length).toBeLessThanOrEqual(101);
  expect(readdirSync(join(folder, 'revisions')).length).toBeLessThanOrEqual(101);
  expect(new Store(folder).revision(1).text).toBe('first');
});

it('finds the confirmed revision again after any number of changes that were taken back', () => {
  begun();
  const head = { schema: 'picket.head/v1', next: 1_000, confirmed: 1, pending: null, reverted: [] };
  writeFileSync(join(folder, 'head.json'), JSON.stringify(head));
  expect(new Store(folder).revision(1).text).toBe('first');
});

it.each([
  ['head.json', 'not json'],
  ['head.json', '{"schema":"picket.head/v9"}'],
  ['revisions/00000001.json', ''],
  ['revisions/00000001.json', '{"schema":"picket.revision/v1","revision":1}'],
])('refuses a state whose %s is %j', (name, text) => {
  begun();
  writeFileSync(join(folder, name), text);
  expect(() => new Store(folder)).toThrow(AgentError);
});

it('refuses a revision that is not there', () => {
  expect(() => begun().revision(9)).toThrow(/there is no revision 9/);
});
