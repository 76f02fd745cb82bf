// Topic authority: numbers only grow, keys move from the state that was seen, a token is used once however many try, a subtree is what lies below.

import { expect } from 'vitest';
import {
  addAuthority,
  addAuthorityKey,
  addLeaf,
  addToken,
  authorityKeys,
  behindBundle,
  changeIdentity,
  changeKey,
  confirmBundle,
  type Db,
  type EnrolmentTokenRow,
  forgetEnded,
  type IdentityRow,
  identitiesOf,
  isAnyRevoked,
  liveLeaves,
  liveRevocations,
  markIdentities,
  nextSequence,
  openTokenCount,
  putIdentity,
  putRevocation,
  removeRevocation,
  revokeToken,
  tokenByHash,
  tokensOf,
  useToken,
} from '#store';
import type { Suite } from './suite.testing.ts';

const DOMAIN = 'plant.example';
const ENDS = 1_000;

function tokenOf(id: string, domain = DOMAIN): EnrolmentTokenRow {
  const made = { made_by: 'ada', made_by_name: 'Ada', made_at: 1, expires_at: ENDS };
  const open = { used_at: null, used_by: null, revoked_at: null };
  return { domain, id, hash: `hash of ${id}`, kind: 'gateway', path: 'north', is_prefix: 0, ...made, ...open };
}

function identityOf(path: string, more: Partial<IdentityRow> = {}): IdentityRow {
  return {
    domain: DOMAIN,
    id: `spiffe://${DOMAIN}/${path}`,
    kind: 'gateway',
    enrolled_at: 1,
    enrolled_with: 't1',
    renewal_key: null,
    serial: `serial of ${path}`,
    not_after: ENDS,
    renewed_at: 1,
    bundle_sequence: 1,
    revoked_at: null,
    ...more,
  };
}

async function revoked(db: Db): Promise<readonly string[]> {
  const rows = await identitiesOf(db, DOMAIN, { after: '', limit: 100 });
  return rows.filter(({ revoked_at }) => revoked_at !== null).map(({ id }) => id);
}

export const authoritySuite: Suite = {
  topic: 'authority',
  cases: {
    'a domain gets one authority, and its numbers only grow, also when many ask at once': async (store) => {
      expect([await addAuthority(store.db, DOMAIN), await addAuthority(store.db, DOMAIN)]).toEqual([true, false]);
      const taken = await Promise.all(
        Array.from({ length: 10 }, () => store.transaction((db) => nextSequence(db, DOMAIN, 'revocation_sequence'))),
      );
      expect([...taken].sort((one, other) => one - other)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      return nextSequence(store.db, DOMAIN, 'bundle_sequence', 5);
    },
    'a token is used once, whoever tries at once': async (store) => {
      await addToken(store.db, tokenOf('once'));
      const used = await Promise.all(
        Array.from({ length: 10 }, (_, at) =>
          store.transaction((db) => useToken(db, { domain: DOMAIN, id: 'once' }, { at: ENDS - 1, by: `taker ${at}` })),
        ),
      );
      expect(used.filter((is) => is)).toHaveLength(1);
      const { used_by: _, ...rest } = (await tokenByHash(store.db, DOMAIN, 'hash of once')) ?? tokenOf('none');
      return rest;
    },
    'a token is not used at its end, after a revocation, or in another domain': async ({ db }) => {
      for (const id of ['late', 'revoked', 'other']) await addToken(db, tokenOf(id));
      await addToken(db, tokenOf('foreign', 'other.example'));
      expect(await useToken(db, { domain: DOMAIN, id: 'late' }, { at: ENDS, by: 'x' })).toBe(false);
      expect(await revokeToken(db, DOMAIN, 'revoked', 5)).toBe(true);
      expect(await revokeToken(db, DOMAIN, 'revoked', 6)).toBe(false);
      expect(await useToken(db, { domain: DOMAIN, id: 'revoked' }, { at: 7, by: 'x' })).toBe(false);
      expect(await useToken(db, { domain: DOMAIN, id: 'foreign' }, { at: 7, by: 'x' })).toBe(false);
      expect(await tokenByHash(db, DOMAIN, 'hash of foreign')).toBeUndefined();
      expect([await openTokenCount(db, DOMAIN, ENDS - 1), await openTokenCount(db, DOMAIN, ENDS)]).toEqual([2, 0]);
      await forgetEnded(db, ENDS + 1);
      expect(await tokensOf(db, DOMAIN, { after: '', limit: 10 })).toEqual([]);
      return tokensOf(db, 'other.example', { after: '', limit: 10 });
    },
    'a key moves only from the state that was seen': async ({ db }) => {
      await addAuthorityKey(db, {
        domain: DOMAIN,
        id: 'k1',
        purpose: 'issuing',
        state: 'published',
        spki: 'spki',
        certificate: null,
        sealed: null,
        signed_by: null,
        endorsement: null,
        not_after: ENDS,
        made_at: 1,
        since_sequence: 1,
        used_until: null,
      });
      const activate = { domain: DOMAIN, id: 'k1', from: 'published' } as const;
      expect([
        await changeKey(db, activate, { state: 'active' }),
        await changeKey(db, activate, { state: 'active' }),
        await changeKey(db, { ...activate, domain: 'other.example', from: 'active' }, { state: 'retired' }),
      ]).toEqual([true, false, false]);
      return authorityKeys(db, DOMAIN);
    },
    'a subtree is an identity and what lies below its path, and no neighbour': async ({ db }) => {
      for (const path of ['gateway/a', 'gateway/a/b', 'gateway/a/b/c', 'gateway/a0', 'gateway/ab', 'gateway/a-b'])
        await putIdentity(db, identityOf(path));
      const a = { domain: DOMAIN, id: `spiffe://${DOMAIN}/gateway/a` };
      await markIdentities(db, { ...a, isSubtree: false }, 7);
      const alone = await revoked(db);
      expect(alone).toEqual([a.id]);
      await markIdentities(db, { ...a, isSubtree: true }, 7);
      const all = await revoked(db);
      expect([...all].sort()).toEqual([a.id, `${a.id}/b`, `${a.id}/b/c`]);
      expect(await changeIdentity(db, DOMAIN, a.id, { serial: 'new' })).toBe(false);
      expect(await changeIdentity(db, DOMAIN, `${a.id}0`, { serial: 'new' })).toBe(true);
      return [...all].sort();
    },
    'who is behind a bundle is told until it confirms, and a confirmation never goes back': async ({ db }) => {
      await putIdentity(db, identityOf('gateway/a'));
      await putIdentity(db, identityOf('gateway/ended', { not_after: 10 }));
      await putIdentity(db, identityOf('gateway/out', { revoked_at: 3 }));
      const id = `spiffe://${DOMAIN}/gateway/a`;
      const behind = () => behindBundle(db, { domain: DOMAIN, sequence: 3, now: 10, limit: 10 });
      expect((await behind()).map((row) => row.id)).toEqual([id]);
      await confirmBundle(db, DOMAIN, id, 3);
      await confirmBundle(db, DOMAIN, id, 2);
      return behind();
    },
    'what was revoked stops until it is taken back or over': async ({ db }) => {
      const row = { domain: DOMAIN, at: 1, by_id: 'ada', by_name: 'Ada', why: 'lost' } as const;
      await putRevocation(db, { ...row, kind: 'serial', value: 's1', sequence: 1, until: 100 });
      await putRevocation(db, { ...row, kind: 'identity', value: 'i1', sequence: 2, until: 100 });
      await putRevocation(db, { ...row, kind: 'serial', value: 's1', sequence: 3, until: 200 });
      const live = await liveRevocations(db, { domain: DOMAIN, now: 100, limit: 10 });
      expect(live.map(({ value, sequence, until }) => [value, sequence, until])).toEqual([['s1', 3, 200]]);
      const asked = [{ kind: 'identity', value: 'i1' }] as const;
      expect([await isAnyRevoked(db, DOMAIN, asked), await isAnyRevoked(db, 'other.example', asked)]).toEqual([
        true,
        false,
      ]);
      expect(await removeRevocation(db, { domain: DOMAIN, kind: 'identity', value: 'i1' })).toBe(true);
      return [await isAnyRevoked(db, DOMAIN, asked), await isAnyRevoked(db, DOMAIN, [])];
    },
    'certificates of a subtree that have not ended are found': async ({ db }) => {
      for (const [serial, path, not_after] of [
        ['1', 'gateway/a', 100],
        ['2', 'gateway/a/b', 101],
        ['3', 'gateway/ab', 102],
      ] as const) {
        const identity = `spiffe://${DOMAIN}/${path}`;
        await addLeaf(db, { domain: DOMAIN, serial, identity, issuer_key: 'k', not_before: 0, not_after });
      }
      const of = { domain: DOMAIN, id: `spiffe://${DOMAIN}/gateway/a`, isSubtree: true, limit: 10 };
      const found = await liveLeaves(db, { ...of, now: 99 });
      expect(found.map(({ serial }) => serial)).toEqual(['2', '1']);
      return [found, await liveLeaves(db, { ...of, now: 100 })];
    },
  },
};
