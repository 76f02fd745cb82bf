// Topic people: roles, sessions, tokens, passkeys; links, codes and proofs that are used once, also by two at once; failures in their windows.

import { expect } from 'vitest';
import {
  addApiToken,
  addLogonCode,
  addLogonLink,
  addPasskey,
  addSession,
  addUser,
  apiTokensOf,
  CODE_LIFE_MS,
  type Db,
  decideCode,
  endSession,
  failuresOf,
  fourEyesOf,
  isOwned,
  lockOwners,
  type MembershipRow,
  member,
  membersOf,
  noteFailures,
  otherOwners,
  type PasskeyRow,
  polledCode,
  removeMembership,
  removePasskey,
  removeUser,
  type SessionRow,
  sessionIn,
  sessionOfHash,
  sessionsIn,
  setFourEyes,
  setMembership,
  spendProof,
  sweepLogons,
  sweepSessions,
  takeLogonLink,
  usePasskey,
  userOfIdentity,
} from '#store';
import type { Suite } from './suite.testing.ts';

const PLANT = 'plant.example';

async function person(db: Db, id: string, identity: string | null = null): Promise<void> {
  await addUser(db, { id, name: `Name of ${id} ' " % _ ü`, identity, made_at: 1 });
}

function role(user: string, name: MembershipRow['role'], domain = PLANT): MembershipRow {
  return { domain, user, role: name, given_by: 'ada', given_at: 2 };
}

function key(id: string, user: string): PasskeyRow {
  return { id, user, name: 'laptop', public_key: 'AQID', counter: 0, transports: '[]', made_at: 3, used_at: null };
}

function session(id: string, user: string, changes: Partial<SessionRow> = {}): SessionRow {
  return {
    id,
    hash: `hash of ${id}`,
    user,
    means: 'passkey',
    made_at: 10,
    seen_at: 10,
    proved_at: null,
    ends_at: 1_000,
    peer: '192.0.2.7',
    program: 'test',
    ...changes,
  };
}

export const peopleSuite: Suite = {
  topic: 'people',
  cases: {
    'owners who can log on count, others do not': async ({ db, transaction }) => {
      for (const id of ['ada', 'ben', 'cleo']) await person(db, id);
      await person(db, 'dan', 'https://login.example dan');
      expect(await isOwned(db)).toBe(false);
      for (const id of ['ada', 'ben']) await setMembership(db, role(id, 'owner'));
      await addPasskey(db, key('k1', 'ada'));
      const counts = [await otherOwners(db, PLANT, 'ada'), await otherOwners(db, PLANT, 'ben')];
      await setMembership(db, role('dan', 'owner'));
      await setMembership(db, role('cleo', 'owner', 'office.example'));
      counts.push(await otherOwners(db, PLANT, 'ada'));
      await transaction(lockOwners);
      expect(counts).toEqual([0, 1, 1]);
      expect(await isOwned(db)).toBe(true);
      return [counts, await membersOf(db, PLANT, { after: '', limit: 2 }), await member(db, PLANT, 'dan')];
    },
    'a person is removed with all by which they could log on': async ({ db }) => {
      await person(db, 'ada', 'https://login.example ada');
      await setMembership(db, role('ada', 'viewer'));
      await setMembership(db, role('ada', 'approver'));
      await addPasskey(db, key('k1', 'ada'));
      await addSession(db, session('s1', 'ada'));
      const token = { id: 't1', hash: 'h', user: 'ada', name: 'job', scopes: '[]', roles: '{}', made_at: 1 };
      expect(await addApiToken(db, { ...token, ends_at: 5, used_at: null })).toBe(true);
      const before = [await userOfIdentity(db, 'https://login.example ada'), await member(db, PLANT, 'ada')];
      expect(await removeMembership(db, PLANT, 'ada')).toBe(true);
      expect(await removeMembership(db, PLANT, 'ada')).toBe(false);
      await removeUser(db, 'ada');
      const after = [await sessionOfHash(db, 'hash of s1'), await apiTokensOf(db, 'ada'), await usersLeft(db)];
      expect(after).toEqual([undefined, [], 0]);
      return before;
    },
    'a passkey is there once, its counter moves once, the last one stays': async ({ db }) => {
      await addPasskey(db, key('k1', 'ada'));
      const uses = await Promise.all([1, 2].map(() => usePasskey(db, { id: 'k1', before: 0, counter: 5, at: 9 })));
      expect(uses.filter(Boolean)).toHaveLength(1);
      expect(await addPasskey(db, key('k1', 'ben'))).toBe(false);
      expect(await removePasskey(db, 'ada', 'k1')).toBe('last');
      await addPasskey(db, key('k2', 'ada'));
      return [await removePasskey(db, 'ben', 'k1'), await removePasskey(db, 'ada', 'k1')];
    },
    'links and proofs are used once': async ({ db }) => {
      await addLogonLink(db, { hash: 'a', user: null, ends_at: 100 });
      const taken = await Promise.all([1, 2].map(() => takeLogonLink(db, 'a', 99)));
      expect(taken.filter((one) => one !== undefined)).toHaveLength(1);
      await addLogonLink(db, { hash: 'b', user: 'ada', ends_at: 100 });
      expect(await takeLogonLink(db, 'b', 100)).toBeUndefined();
      const spent = await Promise.all([1, 2, 3].map(() => spendProof(db, 'p', 100)));
      expect(spent.filter(Boolean)).toHaveLength(1);
      await sweepLogons(db, { now: 100, since: 0 });
      return spendProof(db, 'p', 200);
    },
    'a code is decided once and answered once': async ({ db }) => {
      const row = { state: 'waiting', user: null, proved_at: null, program: 'p', ends_at: CODE_LIFE_MS + 5 } as const;
      const added: boolean[] = [];
      for (let at = 0; at < 6; at++)
        added.push(await addLogonCode(db, { ...row, hash: `h${at}`, code: `c${at}`, peer: '192.0.2.7' }));
      expect(added).toEqual([true, true, true, true, true, false]);
      expect(await addLogonCode(db, { ...row, hash: 'h9', code: 'c9', peer: '192.0.2.8' })).toBe(true);
      const decision = { code: 'c1', user: 'ada', provedAt: 7, now: 6 } as const;
      expect(await decideCode(db, { ...decision, state: 'approved' })).toBe(true);
      expect(await decideCode(db, { ...decision, state: 'denied' })).toBe(false);
      const polled = [await polledCode(db, 'h1', 8), await polledCode(db, 'h1', 8), await polledCode(db, 'h2', 8)];
      expect(polled.map((one) => one?.state)).toEqual(['approved', undefined, 'waiting']);
      return polled;
    },
    'failures count within their window': async ({ db }) => {
      const counts: unknown[] = [];
      for (const now of [10, 20, 30]) await noteFailures(db, ['a', 'b'], { now, since: 0 });
      counts.push([...(await failuresOf(db, ['a', 'c'], 5))]);
      counts.push([...(await failuresOf(db, ['a'], 10))]);
      await noteFailures(db, ['a'], { now: 40, since: 10 });
      counts.push([...(await failuresOf(db, ['a', 'b'], 5))]);
      expect(counts).toEqual([
        [
          ['a', 3],
          ['c', 0],
        ],
        [['a', 0]],
        [
          ['a', 1],
          ['b', 3],
        ],
      ]);
      await sweepLogons(db, { now: 50, since: 10 });
      return [counts, [...(await failuresOf(db, ['a', 'b'], 5))]];
    },
    'sessions are seen in the domains of their people only, and swept': async ({ db }) => {
      for (const id of ['ada', 'ben']) await person(db, id);
      await setMembership(db, role('ada', 'viewer'));
      await setMembership(db, role('ben', 'viewer', 'office.example'));
      await addSession(db, session('s1', 'ada'));
      await addSession(db, session('s2', 'ben', { seen_at: 500 }));
      const seen = await sessionsIn(db, PLANT, { after: '', limit: 10 });
      expect(seen.map(({ id }) => id)).toEqual(['s1']);
      expect(await sessionIn(db, PLANT, 's2')).toBeUndefined();
      expect(await endSession(db, 'ada', 's2')).toBe(false);
      await sweepSessions(db, { now: 600, idleSince: 10 });
      return [seen, await sessionOfHash(db, 'hash of s1'), await sessionOfHash(db, 'hash of s2')];
    },
    'what needs a second person is by domain': async ({ db }) => {
      await setFourEyes(db, PLANT, ['ssh', '*']);
      await setFourEyes(db, 'office.example', ['rtsp']);
      await setFourEyes(db, PLANT, ['ssh']);
      expect(await fourEyesOf(db, PLANT)).toEqual(['ssh']);
      return fourEyesOf(db, 'office.example');
    },
  },
};

async function usersLeft(db: Db): Promise<number> {
  return (await db.selectFrom('users').select('id').execute()).length;
}
