// Topic flows: reports add up per minute and hour, the bound holds, pages are whole and in order, what is old goes.

import { expect } from 'vitest';
import {
  conversationSums,
  type Db,
  type FlowAsk,
  type FlowRollUpRow,
  flowPage,
  forgetOldTraffic,
  HOUR,
  MINUTE,
  noteTraffic,
  OTHERS,
  ROLLUPS_MAX,
  ruleUses,
  type Store,
  type ToldFlow,
  type ToldTraffic,
  verdictCounts,
} from '#store';
import type { Suite } from './suite.testing.ts';

const NOON = Date.UTC(2026, 10, 25, 12);
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

function flow(more: Partial<ToldFlow> = {}): ToldFlow {
  return {
    minuteMs: NOON,
    fromElement: 'cam-lobby',
    fromAddress: '10.0.3.20',
    toElement: 'nvr',
    toAddress: '10.0.3.10',
    protocol: 'tcp',
    port: 554,
    reason: null,
    isEnforced: true,
    rule: 'cameras-stream',
    openings: 1,
    packetsSent: 10,
    packetsReceived: 5,
    bytesSent: 1_000,
    bytesReceived: 500,
    firstMs: NOON + 1_000,
    lastMs: NOON + 2_000,
    ...more,
  };
}

function note(store: Store, more: Partial<ToldTraffic>): Promise<void> {
  const told = { domain: 'plant.example', agent: 'gw-1', flows: [], verdicts: [], atMs: NOON + 30_000, ...more };
  return store.transaction((db) => noteTraffic(db, told));
}

function ask(more: Partial<FlowAsk> = {}): FlowAsk {
  const range = { sinceMs: 0, untilMs: NOON + 10 * HOUR_MS };
  return { domain: 'plant.example', span: MINUTE, ...range, before: null, limit: 1_000, ...more };
}

/** All pages, and that none is longer than asked. */
async function all(db: Db, asked: FlowAsk): Promise<readonly FlowRollUpRow[]> {
  const rows: FlowRollUpRow[] = [];
  let { before } = asked;
  for (let pages = 0; pages < 1_000; pages++) {
    const page = await flowPage(db, { ...asked, before });
    expect(page.rows.length).toBeLessThanOrEqual(asked.limit);
    rows.push(...page.rows);
    if (page.next === null) return rows;
    before = page.next;
  }
  throw new Error('the pages do not end');
}

const peers = (count: number, more: Partial<ToldFlow> = {}): readonly ToldFlow[] =>
  Array.from({ length: count }, (_, number) =>
    flow({ toElement: null, toAddress: `192.0.${number >> 8}.${number & 255}`, ...more }),
  );

export const flowsSuite: Suite = {
  topic: 'flows',
  cases: {
    'reports of the same conversation add up, by minute and by hour': async (store) => {
      await note(store, { flows: [flow(), flow({ firstMs: NOON, lastMs: NOON + 500 })] });
      await note(store, { flows: [flow({ lastMs: NOON + 9_000 })] });
      await note(store, { flows: [flow({ minuteMs: NOON + MINUTE_MS, lastMs: NOON + MINUTE_MS })] });
      const minutes = await all(store.db, ask());
      const hours = await all(store.db, ask({ span: HOUR }));
      expect(minutes.map(({ bucket, bytes_sent }) => [bucket, bytes_sent])).toEqual([
        [NOON + MINUTE_MS, 1_000],
        [NOON, 3_000],
      ]);
      const [hour] = hours;
      expect(hour).toMatchObject({ bucket: NOON, openings: 4, packets_sent: 40, bytes_received: 2_000 });
      expect(hour).toMatchObject({ first_seen: NOON, last_seen: NOON + MINUTE_MS, folded: 0 });
      return [minutes, hours];
    },
    'how often each rule was used is told by rule, of one domain, from a time on': async (store) => {
      const flows = [flow(), flow({ openings: 2, lastMs: NOON + 9_000 }), flow({ reason: 'over-rate', openings: 4 })];
      await note(store, { flows: [...flows, flow({ rule: null }), flow({ rule: 'other' })] });
      await note(store, { domain: 'other.example', flows: [flow({ openings: 8 })] });
      const uses = [...(await ruleUses(store.db, 'plant.example', NOON))].sort();
      expect(uses).toEqual([
        ['cameras-stream', { openings: 3, denials: 4, lastMs: NOON + 9_000 }],
        ['other', { openings: 1, denials: 0, lastMs: NOON + 2_000 }],
      ]);
      expect(await ruleUses(store.db, 'plant.example', NOON + 1)).toEqual(new Map());
      return uses;
    },
    'what differs in any part of its key has a row of its own': async (store) => {
      const different: readonly Partial<ToldFlow>[] = [
        {},
        { fromElement: null },
        { fromAddress: '10.0.3.21' },
        { toElement: null },
        { toAddress: '10.0.3.11' },
        { protocol: 'udp' },
        { port: 555 },
        { port: null },
        { reason: 'no-rule' },
        { isEnforced: false },
        { rule: null },
        // An element that is called like an address is not that address.
        { fromElement: '10.0.3.20' },
      ];
      await note(store, { flows: different.map(flow) });
      await note(store, { agent: 'gw-2', flows: [flow()] });
      await note(store, { domain: 'office.example', flows: [flow()] });
      const rows = await all(store.db, ask());
      expect(rows).toHaveLength(different.length + 1);
      expect(await all(store.db, ask({ domain: 'office.example' }))).toHaveLength(1);
      return rows;
    },
    'filters find what they name and nothing else, whatever the size of the page': async (store) => {
      await note(store, {
        flows: [
          flow(),
          flow({ fromElement: 'nvr', toElement: 'cam-lobby', port: 80, rule: 'watch' }),
          flow({ fromElement: 'nvr', toElement: 'nvr', port: 81 }),
          flow({ fromElement: null, fromAddress: '198.51.100.9', reason: 'no-rule', rule: null }),
          flow({ minuteMs: NOON + MINUTE_MS, protocol: 'udp', port: 53, toElement: 'dns', reason: 'guardrail' }),
        ],
      });
      await note(store, { agent: 'gw-2', flows: [flow({ minuteMs: NOON - MINUTE_MS })] });
      const filters: readonly (readonly [Partial<FlowAsk>, number])[] = [
        [{}, 6],
        [{ end: 'nvr' }, 5],
        [{ end: 'cam-lobby' }, 4],
        [{ end: '198.51.100.9' }, 1],
        [{ end: '10.0.3.20' }, 0],
        [{ from: 'nvr' }, 2],
        [{ to: 'nvr' }, 4],
        [{ from: 'nvr', to: 'nvr' }, 1],
        [{ end: 'cam-lobby', to: 'nvr' }, 2],
        [{ isDenied: true }, 2],
        [{ isDenied: false }, 4],
        [{ end: 'nvr', isDenied: true }, 1],
        [{ reason: 'guardrail' }, 1],
        [{ rule: 'watch' }, 1],
        [{ port: 53, protocol: 'udp' }, 1],
        [{ port: 53, protocol: 'tcp' }, 0],
        [{ agent: 'gw-2' }, 1],
        [{ agent: 'gw-3' }, 0],
        [{ sinceMs: NOON }, 5],
        [{ sinceMs: NOON, untilMs: NOON + MINUTE_MS }, 4],
        [{ untilMs: NOON }, 1],
        [{ end: "nvr' OR '1'='1" }, 0],
        [{ domain: 'office.example' }, 0],
      ];
      const seen: unknown[] = [];
      for (const [filter, count] of filters) {
        const whole = await all(store.db, ask(filter));
        expect([filter, whole.length]).toEqual([filter, count]);
        for (const limit of [1, 2, 3]) expect(await all(store.db, ask({ ...filter, limit }))).toEqual(whole);
        seen.push(whole);
      }
      return seen;
    },
    'beyond the bound of a minute the rest is one row a reason, and counted': async (store) => {
      const bound = ROLLUPS_MAX[MINUTE];
      await note(store, { flows: peers(bound - 1) });
      await note(store, { flows: peers(bound + 3) });
      await note(store, { flows: peers(5, { port: 9_999, reason: 'no-rule', rule: null }) });
      const rows = await all(store.db, ask());
      const others = rows.filter(({ from_end }) => from_end === OTHERS);
      expect(rows.length - others.length).toBe(bound);
      expect(others.map(({ reason, folded, openings }) => [reason, folded, openings])).toEqual([
        ['no-rule', 5, 5],
        [null, 3, 3],
      ]);
      // What has a row keeps it, and nothing is lost in the sum.
      const sent = rows.reduce((sum, { bytes_sent }) => sum + bytes_sent, 0);
      expect(sent).toBe((bound - 1 + bound + 3 + 5) * 1_000);
      await note(store, { flows: peers(2, { port: 9_998 }) });
      await note(store, { agent: 'gw-2', flows: peers(2, { port: 9_998 }) });
      const later = await all(store.db, ask());
      expect(later.filter(({ agent }) => agent === 'gw-2')).toHaveLength(2);
      expect(later.find(({ from_end, reason }) => from_end === OTHERS && reason === null)?.folded).toBe(5);
      return later;
    },
    'an agent can neither invent reasons nor times nor numbers': async (store) => {
      const wild = [
        flow({ reason: 'x'.repeat(64) }),
        flow({ reason: 'another' }),
        flow({ minuteMs: NOON + 365 * 24 * HOUR_MS, firstMs: 0, lastMs: Number.MAX_SAFE_INTEGER, port: 1 }),
        flow({ minuteMs: 0, port: 2 }),
        ...[3, 3, 3].map((port) => flow({ port, bytesSent: Number.MAX_SAFE_INTEGER, packetsSent: -5, openings: 0.5 })),
      ];
      for (let again = 0; again < 3; again++) await note(store, { flows: wild });
      const rows = await all(store.db, ask());
      expect(rows).toHaveLength(4);
      expect(rows.every(({ bucket }) => bucket === NOON)).toBe(true);
      expect(rows.find(({ reason }) => reason !== null)).toMatchObject({ reason: 'other', openings: 6 });
      expect(rows.find(({ port }) => port === 3)).toMatchObject({
        bytes_sent: 9 * 2 ** 40,
        packets_sent: 0,
        openings: 0,
      });
      return rows;
    },
    'a page through many that are not meant ends within its bound and goes on': async (store) => {
      await note(store, { flows: [flow()] });
      for (const minute of [1, 2, 3]) {
        const atMs = NOON + minute * MINUTE_MS;
        await note(store, { atMs, flows: peers(40, { minuteMs: atMs, rule: 'other' }) });
      }
      const rare = ask({ rule: 'cameras-stream', scanRows: 100, limit: 10 });
      const first = await flowPage(store.db, rare);
      expect(first.rows).toEqual([]);
      expect(first.next).not.toBeNull();
      const second = await flowPage(store.db, { ...rare, before: first.next });
      expect(second.rows).toHaveLength(1);
      expect(second.next).toBeNull();
      for (const scanRows of [10, 11, 119, 120, 121, 122])
        expect(await all(store.db, { ...rare, scanRows })).toHaveLength(1);
      return [first, second];
    },
    'verdicts are counted over time, of all agents or of one': async (store) => {
      const denied = { by: 'kernel', reason: 'no-rule', isEnforced: true, count: 3 };
      await note(store, { verdicts: [denied, { ...denied, reason: 'invented' }] });
      await note(store, { verdicts: [denied], agent: 'gw-2' });
      await note(store, { verdicts: [{ ...denied, by: 'engine', isEnforced: false }], atMs: NOON + HOUR_MS });
      await note(store, { verdicts: [denied], domain: 'office.example' });
      const range = { domain: 'plant.example', sinceMs: NOON - HOUR_MS, untilMs: NOON + 5 * HOUR_MS };
      const minutes = await verdictCounts(store.db, { ...range, span: MINUTE });
      const hours = await verdictCounts(store.db, { ...range, span: HOUR, sinceMs: 0 });
      const one = await verdictCounts(store.db, { ...range, span: MINUTE, agent: 'gw-2' });
      expect(minutes.map(({ bucket, reason, count }) => [bucket, reason, count])).toEqual([
        [NOON, 'no-rule', 6],
        [NOON, 'other', 3],
        [NOON + HOUR_MS, 'no-rule', 3],
      ]);
      expect(one.map(({ count }) => count)).toEqual([3]);
      return [minutes, hours, one];
    },
    'a plan gets each conversation once, with its busiest hour': async (store) => {
      const at = (hoursAgo: number, bytesSent: number, bytesReceived: number) => {
        const minuteMs = NOON - hoursAgo * HOUR_MS;
        return flow({ minuteMs, firstMs: minuteMs, lastMs: minuteMs, bytesSent, bytesReceived });
      };
      await note(store, { atMs: NOON, flows: [at(0, 700, 10), at(1, 300, 500), at(1, 300, 500), at(2, 5, 1_200)] });
      const sums = await conversationSums(store.db, 'plant.example', { sinceMs: NOON - 9 * HOUR_MS, limit: 9 });
      expect(sums.rows).toMatchObject([{ busiestHour: { sent: 700, received: 1_200, both: 1_600 } }]);
      return sums;
    },
    'what is too old goes in pieces, and nothing else': async (store) => {
      for (const [minutesAgo, count] of [
        [0, 3],
        [59, 1_500],
        [60, 1],
        [61, 1_600],
        [62, 1_700],
        [63, 1_800],
        [64, 900],
      ] as const) {
        const atMs = NOON - minutesAgo * MINUTE_MS;
        const verdicts = [{ by: 'kernel', reason: 'no-rule', isEnforced: true, count: 1 }];
        await note(store, { atMs, flows: peers(count, { minuteMs: atMs, firstMs: atMs, lastMs: atMs }), verdicts });
      }
      const kept = { minutesMs: HOUR_MS, hoursMs: 30 * HOUR_MS };
      let pieces = 1;
      while (await store.transaction((db) => forgetOldTraffic(db, NOON, kept))) pieces++;
      expect(pieces).toBe(2);
      const minutes = await all(store.db, ask());
      expect(minutes).toHaveLength(3 + 1_500 + 1);
      const whole = { domain: 'plant.example', sinceMs: 0, untilMs: NOON + HOUR_MS };
      const hours = await all(store.db, ask({ span: HOUR }));
      await store.transaction((db) => forgetOldTraffic(db, NOON + 100 * HOUR_MS, kept));
      expect(await all(store.db, ask({ span: HOUR }))).toEqual([]);
      return [minutes.length, hours.length, await verdictCounts(store.db, { ...whole, span: HOUR })];
    },
  },
};
