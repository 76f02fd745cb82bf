// Topics elements and findings: what agents saw is bounded and never overwritten by a stranger, mutes are exact, quarantine lists only go forward.

import { expect } from 'vitest';
import {
  acknowledgeFinding,
  elementsSeen,
  endQuarantine,
  expiredQuarantines,
  finding,
  findings,
  forgetNewcomer,
  forgetUnseen,
  muteFinding,
  mutes,
  NEWCOMERS_PER_AGENT_MAX,
  newcomer,
  newcomers,
  noteElementsSeen,
  noteFindings,
  noteNewcomers,
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
    mac: id,
    addresses: '["10.0.0.9"]',
    names: '[]',
    interface: 'eth0',
    proposed_name: 'cam',
    first_seen: at,
    last_seen: at,
  };
}

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
      const agent = 'gateway/north';
      await noteNewcomers(db, DOMAIN, {
        agent,
        rows: [arrived('02:00:00:00:00:02', 5), arrived('02:00:00:00:00:01', 5)],
      });
      await noteNewcomers(db, DOMAIN, { agent, rows: [arrived('02:00:00:00:00:02', 8)] });
      const [first] = await newcomers(db, DOMAIN, { after: null, limit: 1 });
      const rest = await newcomers(db, DOMAIN, { after: first?.id ?? '', limit: 9 });
      expect(rest).toMatchObject([{ first_seen: 5, last_seen: 8 }]);
      expect(await newcomer(db, 'zoo.example', '02:00:00:00:00:01')).toBeUndefined();
      await forgetNewcomer(db, DOMAIN, '02:00:00:00:00:01');
      await forgetUnseen(db, 8);
      return [first, ...(await newcomers(db, DOMAIN, { after: null, limit: 9 }))];
    },
    'an agent changes no newcomer of another one, until that one has not seen it for an hour': async ({ db }) => {
      const hour = 3_600_000;
      const note = (agent: string, at: number, names: string) =>
        noteNewcomers(db, DOMAIN, { agent, rows: [{ ...arrived('02:00:00:00:00:07', at), names }] });
      await note('gateway/north', 5, '["cam"]');
      await note('gateway/evil', 5 + hour, '["boss"]');
      expect(await newcomer(db, DOMAIN, '02:00:00:00:00:07')).toMatchObject({ names: '["cam"]', last_seen: 5 });
      await note('gateway/south', 6 + hour, '["lobby"]');
      return newcomer(db, DOMAIN, '02:00:00:00:00:07');
    },
    'an agent finds no room beyond its own, and another one does': async ({ db }) => {
      const many = (from: number, count: number) =>
        Array.from({ length: count }, (_, at) => arrived(`n${String(from + at).padStart(5, '0')}`, 5));
      await noteNewcomers(db, DOMAIN, { agent: 'evil', rows: many(0, NEWCOMERS_PER_AGENT_MAX + 1) });
      await noteNewcomers(db, DOMAIN, { agent: 'north', rows: many(90_000, 1) });
      const rows = await newcomers(db, DOMAIN, { after: null, limit: NEWCOMERS_PER_AGENT_MAX + 9 });
      expect(rows.filter(({ agent }) => agent === 'evil')).toHaveLength(NEWCOMERS_PER_AGENT_MAX);
      return rows.filter(({ agent }) => agent === 'north');
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
