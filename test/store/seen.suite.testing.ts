// Topics elements and findings: what agents saw is bounded and never overwritten by a stranger, mutes are exact, quarantine lists only go forward.

import { expect } from 'vitest';
import {
  acknowledgeFinding,
  decideProposal,
  elementsSeen,
  endQuarantine,
  expiredQuarantines,
  finding,
  findings,
  forgetNewcomer,
  forgetUnseen,
  muteFinding,
  mutes,
  newcomer,
  newcomers,
  noteElementsSeen,
  noteFindings,
  noteNewcomers,
  noteProposals,
  proposals,
  putQuarantine,
  quarantineList,
  type ToldFinding,
  unmuteFinding,
} from '#store';
import type { Suite } from './suite.testing.ts';

const DOMAIN = 'plant.example';

function told(id: string, at: number): ToldFinding {
  return {
    id,
    agent: 'gateway/north',
    kind: 'scan',
    address: '10.0.0.9',
    element: null,
    subject: '10.0.4.0/24',
    evidence: `at ${at}`,
    severity: 'alarm',
    action: null,
    at,
  };
}

function arrived(id: string, at: number) {
  return {
    id,
    agent: 'gateway/north',
    mac: id,
    addresses: '["10.0.0.9"]',
    names: '[]',
    interface: 'eth0',
    proposed_name: 'cam',
    first_seen: at,
    last_seen: at,
  };
}

const proposed = (id: string) => ({
  id,
  agent: 'gateway/north',
  section: 'rules' as const,
  entry: `rule-${id}`,
  json: '{"from":"cam","to":"rtsp"}',
  evidence: '3 times',
  first_seen: 1,
  last_seen: 2,
});

const quarantined = (element: string, until: number | null) => ({
  domain: DOMAIN,
  element,
  since: 1,
  until,
  reason: 'scans',
  by: 'Ada',
});

const all = { after: null, limit: 100, state: null, isWithMuted: false, now: 1_000 } as const;

export const seenSuite: Suite = {
  topic: 'elements and findings',
  cases: {
    'elements keep their first time and get their last': async ({ db }) => {
      await noteElementsSeen(db, DOMAIN, [{ element: 'cam', agent: 'a', first_seen: 5, last_seen: 5 }]);
      await noteElementsSeen(db, DOMAIN, [{ element: 'cam', agent: 'a', first_seen: 9, last_seen: 9 }]);
      await noteElementsSeen(db, DOMAIN, [{ element: 'cam', agent: 'b', first_seen: 2, last_seen: 3 }]);
      const seen = await elementsSeen(db, DOMAIN, ['cam', 'nobody']);
      expect([...seen.values()]).toEqual([{ element: 'cam', firstSeen: 2, lastSeen: 9 }]);
      return [...(await elementsSeen(db, 'zoo.example', ['cam']))];
    },
    'newcomers are paged, found by MAC, and forgotten': async ({ db }) => {
      await noteNewcomers(db, DOMAIN, [arrived('02:00:00:00:00:02', 5), arrived('02:00:00:00:00:01', 5)]);
      await noteNewcomers(db, DOMAIN, [arrived('02:00:00:00:00:02', 8)]);
      const [first] = await newcomers(db, DOMAIN, { after: null, limit: 1 });
      const rest = await newcomers(db, DOMAIN, { after: first?.id ?? '', limit: 9 });
      expect(rest).toMatchObject([{ first_seen: 5, last_seen: 8 }]);
      expect(await newcomer(db, 'zoo.example', '02:00:00:00:00:01')).toBeUndefined();
      await forgetNewcomer(db, DOMAIN, '02:00:00:00:00:01');
      await forgetUnseen(db, 8);
      return [first, ...(await newcomers(db, DOMAIN, { after: null, limit: 9 }))];
    },
    'a rejected proposal stays rejected however often it comes': async ({ db }) => {
      await noteProposals(db, DOMAIN, [proposed('a'), proposed('b')]);
      const decision = { id: 'a', state: 'rejected' as const, by: 'Ada', at: 9 };
      expect([await decideProposal(db, DOMAIN, decision), await decideProposal(db, DOMAIN, decision)]).toEqual([
        true,
        false,
      ]);
      await noteProposals(db, DOMAIN, [proposed('a')]);
      const open = await proposals(db, DOMAIN, { after: null, limit: 9, state: 'open' });
      expect(open.map(({ id }) => id)).toEqual(['b']);
      return proposals(db, DOMAIN, { after: null, limit: 9, state: 'rejected' });
    },
    'a finding that is told again is one row that counts': async ({ db }) => {
      await noteFindings(db, DOMAIN, [told('f1', 5), told('f1', 6), told('f2', 7)]);
      await acknowledgeFinding(db, DOMAIN, { id: 'f1', by: 'Ada', at: 8 });
      await noteFindings(db, DOMAIN, [told('f1', 9)]);
      expect(await finding(db, DOMAIN, 'f1')).toMatchObject({ count: 3, last_seen: 9, state: 'acknowledged' });
      const page = await findings(db, DOMAIN, { ...all, limit: 1 });
      const after = { at: page[0]?.last_seen ?? 0, id: page[0]?.id ?? '' };
      return [...page, ...(await findings(db, DOMAIN, { ...all, after }))];
    },
    'a mute hides exactly its finding until its date': async ({ db }) => {
      await noteFindings(db, DOMAIN, [told('f1', 5), told('f2', 6)]);
      const mute = {
        domain: DOMAIN,
        id: 'f1',
        kind: 'scan',
        address: 'a',
        subject: 's',
        why: 'tool',
        by: 'Ada',
        at: 1,
      };
      expect(await muteFinding(db, { ...mute, until: 2_000 })).toBe(true);
      expect((await findings(db, DOMAIN, all)).map(({ id }) => id)).toEqual(['f2']);
      expect(await findings(db, DOMAIN, { ...all, isWithMuted: true })).toHaveLength(2);
      expect(await findings(db, DOMAIN, { ...all, now: 2_000 })).toHaveLength(2);
      expect([await unmuteFinding(db, DOMAIN, 'f1'), await unmuteFinding(db, DOMAIN, 'f1')]).toEqual([true, false]);
      return mutes(db, DOMAIN, 0);
    },
    'a list of quarantines goes forward with every change': async ({ db }) => {
      expect(await quarantineList(db, DOMAIN)).toEqual({ sequence: 0, rows: [] });
      expect(await putQuarantine(db, quarantined('cam', 100))).toBe(1);
      expect(await putQuarantine(db, quarantined('cam', null))).toBe(2);
      expect(await putQuarantine(db, quarantined('nvr', 50))).toBe(3);
      expect((await expiredQuarantines(db, 50)).map(({ element }) => element)).toEqual(['nvr']);
      expect(await expiredQuarantines(db, 49)).toEqual([]);
      expect(await endQuarantine(db, DOMAIN, 'cam')).toBe(4);
      expect(await endQuarantine(db, DOMAIN, 'cam')).toBeNull();
      return quarantineList(db, DOMAIN);
    },
  },
};
