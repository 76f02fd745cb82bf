// Who is the same person in a new session, and who is not.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { type Caller, callerOf, isNewSession, isSameUser, sshConnectionOf } from './caller.ts';

const SSH = { from: '192.0.2.7', fromPort: 50_000, to: '192.0.2.1', toPort: 22 };
const base: Caller = { uid: 0, loginUid: 1_000, login: 7, sessions: [100], ssh: [SSH], name: 'alice as root' };
const other = { login: 8, sessions: [200], ssh: [{ ...SSH, fromPort: 50_001 }] };

it.each<[string, Partial<Caller>, boolean]>([
  ['another login, session and connection', other, true],
  ['the same login', { ...other, login: 7 }, false],
  ['a session in common', { ...other, sessions: [300, 100] }, false],
  ['the same connection', { ...other, ssh: [SSH] }, false],
  ['the same client and another server port', { ...other, ssh: [{ ...SSH, toPort: 2_222 }] }, true],
  ['no connection: at the console', { ...other, ssh: [] }, true],
  ['a login that is not kept', { ...other, login: null }, true],
])('%s: a new session is %o → %s', (_, more, isNew) => {
  expect(isNewSession(base, { ...base, ...more })).toBe(isNew);
});

it('two logins that are not kept are not taken for one', () => {
  expect(isNewSession({ ...base, login: null }, { ...base, ...other, login: null })).toBe(true);
});

it.each<[Partial<Caller>, boolean]>([
  [{}, true],
  [{ uid: 1 }, false],
  [{ loginUid: 1_001 }, false],
  [{ loginUid: null }, false],
  [{ login: 9, sessions: [5] }, true],
])('is the same user: %o → %s', (more, isSame) => {
  expect(isSameUser(base, { ...base, ...more })).toBe(isSame);
});

it('looks this very process up', () => {
  const caller = callerOf({ pid: process.pid, sshConnection: '192.0.2.7 50000 192.0.2.1 22' });
  expect(caller).toMatchObject({ uid: process.getuid?.() ?? -1, ssh: expect.arrayContaining([SSH]) });
  expect(caller?.sessions.length).toBeGreaterThan(0);
});

it.each([
  '',
  'x',
  '192.0.2.7 50000 192.0.2.1',
  '192.0.2.7 50000 192.0.2.1 22 x',
  'a 1 b 2',
  '192.0.2.7 -1 192.0.2.1 22',
])('takes %j for no connection', (sshConnection) => {
  const without = callerOf({ pid: process.pid, sshConnection: null });
  expect(callerOf({ pid: process.pid, sshConnection })?.ssh).toEqual(without?.ssh);
});

it('knows nothing of a process that is not there', () => {
  expect(callerOf({ pid: 2 ** 30, sshConnection: null })).toBeNull();
});

it('finds the connection of a parent where the process was not told of it, as under sudo', async () => {
  const text = '192.0.2.7 50000 192.0.2.1 22';
  const script = 'env -u SSH_CONNECTION sleep 60 & echo $!; read -r _; kill $!';
  const child = spawn('sh', ['-c', script], { env: { ...process.env, SSH_CONNECTION: text } });
  try {
    const [said] = await once(child.stdout, 'data');
    expect(sshConnectionOf(Number(String(said)))).toBe(text);
  } finally {
    child.stdin.end('\n');
    await once(child, 'close');
  }
});
