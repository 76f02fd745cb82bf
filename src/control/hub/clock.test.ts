// Clocks of agents that are wrong: by how much is believed, and where the rest goes.

import { expect, it } from 'vitest';
import type { Report } from '#wire';
import { timely } from './clock.ts';

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;
const DAY = 86_400_000;

function reportAt(toMs: number): Report {
  return {
    kind: 'report',
    sequence: 1,
    fromMs: toMs - 10_000,
    toMs,
    revision: 1,
    bundleSequence: 1,
    local: null,
    counters: { packets: 0, bytes: 0, flowsOpen: 0, flowsSeen: 0 },
    flows: [
      {
        minuteMs: toMs - MINUTE,
        fromElement: null,
        fromAddress: '10.0.0.1',
        toElement: null,
        toAddress: '10.0.0.2',
        protocol: 'tcp',
        port: 80,
        reason: null,
        isEnforced: false,
        rule: null,
        openings: 1,
        packetsSent: 1,
        packetsReceived: 1,
        bytesSent: 1,
        bytesReceived: 1,
        firstMs: toMs - 50_000,
        lastMs: toMs - 20_000,
      },
    ],
    verdicts: [],
    findings: [],
    newcomers: [],
    elements: [{ element: 'cam', mode: 'enforce', lastMs: toMs + 400 * DAY, isQuarantined: false }],
    proposals: [],
    losses: [],
    health: [],
  };
}

it.each([
  ['as it should be', 0, null],
  ['just as far ahead as is believed', 5 * MINUTE, null],
  ['a little further ahead', 5 * MINUTE + 1, 5 * MINUTE + 1],
  ['a year ahead', 365 * DAY, 365 * DAY],
  ['behind by as long as a report may wait', -7 * DAY, null],
  ['a little further behind', -7 * DAY - 1, -7 * DAY - 1],
  ['in 1970', 50_000 - NOW, 50_000 - NOW],
])('timely() of a clock %s', (_, off, aheadMs) => {
  const { told, aheadMs: found } = timely(reportAt(NOW + off), NOW);
  expect(found).toBe(aheadMs);
  const ends = aheadMs === null ? NOW + off : NOW;
  expect(told.toMs).toBe(ends);
  expect(told.flows[0]).toMatchObject({ minuteMs: ends - MINUTE, firstMs: ends - 50_000, lastMs: ends - 20_000 });
  // One row may be wrong by itself: it is held to the clock as well.
  expect(told.elements[0]?.lastMs).toBe(NOW + 5 * MINUTE);
});
