// The report page as text: nothing unescaped, right with no data, one row and ten thousand; what it draws is checked in Chromium elsewhere.

import { expect, test } from 'vitest';
import type { ElementReport, Link, ReportData } from './data.ts';
import { MAP_MARKS_MAX, type ReportHead, renderReport } from './render.ts';

const HEAD: ReportHead = {
  title: 'Replay',
  files: ['a.pcap'],
  policy: 'p.yaml',
  damage: null,
  denied: [],
  deniedTotal: 0,
};
const EMPTY: ReportData = {
  timezone: 'Europe/Berlin',
  from: null,
  to: null,
  totals: { packets: 0, bytes: 0, denied: 0, recorded: 0 },
  elements: [],
  links: [],
  reasons: [],
  notes: [],
};

const link = (at: number, denied = 0): Link => ({
  from: `host-${at}`,
  to: 'broker',
  service: 'tcp/1883',
  rule: 'r',
  packets: 10,
  bytes: 1000,
  denied,
  recorded: 0,
});
const element = (id: string): ElementReport => ({
  id,
  kind: 'device',
  mode: 'enforce',
  packets: 1,
  bytes: 40,
  denied: 0,
  recorded: 0,
  hours: new Array<number>(168).fill(0),
  open: new Array<number>(168).fill(1),
  uses: [],
});

test('renderReport() says so when there was no traffic', () => {
  const page = renderReport(EMPTY, HEAD);
  expect(page).toContain('There was no traffic to judge');
  expect(page).toContain('Nothing was denied');
  expect(page).toContain('The policy names no element');
  expect(page).not.toContain('NaN');
});

test.each([
  ['on the limit a map', 149, true],
  ['just above it a matrix', 150, false],
])('renderReport() draws %s', (_, count, isMap) => {
  const links = Array.from({ length: count }, (_none, at) => link(at));
  expect(links.length * 2 + 1 <= MAP_MARKS_MAX).toBe(isMap);
  const page = renderReport({ ...EMPTY, from: 0, to: 1, links }, HEAD);
  expect(page.includes('class="map"')).toBe(isMap);
  expect(page.includes('class="matrix"')).toBe(!isMap);
});

test('renderReport() stays below 4 MB with ten thousand lines and elements, and says what it left out', () => {
  const links = Array.from({ length: 10_000 }, (_none, at) => link(at, at % 7));
  const elements = Array.from({ length: 10_000 }, (_none, at) => element(`host-${at}`));
  const page = renderReport({ ...EMPTY, from: 0, to: 1, links, elements }, HEAD);
  expect(page.length).toBeLessThan(4_000_000);
  expect(page).toContain('and 8,000 more');
});

test('renderReport() escapes whatever comes from traffic, policy or file names', () => {
  const evil = `<script>alert(1)</script>"'&`;
  const denied = [
    {
      at: 0,
      from: evil,
      to: evil,
      service: evil,
      rule: evil,
      reasons: [evil],
      why: evil,
      packets: 1,
      isEnforced: true,
    },
  ];
  const page = renderReport(
    {
      ...EMPTY,
      links: [{ ...link(1), from: evil, to: evil, service: evil, rule: evil }],
      elements: [element(evil)],
      notes: [evil],
    },
    { ...HEAD, title: evil, files: [evil], policy: evil, damage: evil, denied, deniedTotal: 1 },
  );
  expect(page).not.toContain('<script>');
  expect(page).not.toContain(`"'&`);
  expect(page).toContain('&lt;script&gt;');
});

test('renderReport() takes nothing from elsewhere: no link, no script, no import', () => {
  const page = renderReport({ ...EMPTY, links: [link(1)], elements: [element('a')] }, HEAD);
  expect(page).not.toMatch(/https?:|<script|<link|@import|url\(/);
});

test('renderReport() names the damage of an incomplete input', () => {
  expect(renderReport(EMPTY, { ...HEAD, damage: 'cut in packet 7' })).toContain('cut in packet 7');
});
