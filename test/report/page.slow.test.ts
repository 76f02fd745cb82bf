// The report in real Chromium: every picture is there, nothing overlaps the page at 1280 px, no request leaves, paper has the pictures too.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Link, ReportData } from '../../src/cli/report/data.ts';
import { type ReportHead, renderReport } from '../../src/cli/report/render.ts';
import { chromiumPath } from './chromium.ts';

const executablePath = chromiumPath();
const HOUR = 3_600_000_000;
const START = 1_615_216_000_000_000;

const HEAD: ReportHead = {
  title: 'Replay of a day',
  files: ['day.pcap'],
  policy: 'policy.yaml',
  damage: null,
  denied: [
    {
      at: START,
      from: 'cam-lobby',
      to: 'api.example.com',
      service: 'tcp/443',
      rule: 'cameras-stream',
      reasons: ['over-volume'],
      why: '2.3 MB of at most 2.0 MB',
      packets: 3,
      isEnforced: true,
    },
  ],
  deniedTotal: 1,
};

function link(at: number, denied = 0): Link {
  return {
    from: `host-${at}`,
    to: 'broker',
    service: 'tcp/1883',
    rule: 'r',
    packets: 10,
    bytes: 1000,
    denied,
    recorded: 0,
  };
}

function day(links: readonly Link[]): ReportData {
  const use = {
    packets: 100,
    bytes: 1_000_000,
    denied: 3,
    recorded: 0,
    rule: 'cameras-stream',
    sentence: 'cam-lobby may use rtsp on nvr',
    role: 'initiator' as const,
    volume: Array.from({ length: 24 }, (_, at) => ({
      start: START + at * HOUR,
      end: START + (at + 1) * HOUR,
      sent: 40_000 + at * 1000,
      received: 500,
    })),
    windowText: 'hour',
    bands: [{ min: 10_000, max: 60_000, direction: 'both' }],
    sizesSent: Array.from({ length: 32 }, (_, at) => (at === 29 ? 90 : 0)),
    sizesReceived: Array.from({ length: 32 }, (_, at) => (at === 1 ? 90 : 0)),
    sizeLimits: [{ min: null, max: 1500, direction: 'both' }],
    ports: [{ name: 'tcp/554', packets: 100 }],
    operations: [{ name: 'modbus 1/3', packets: 9, denied: 0 }],
  };
  const hours = Array.from({ length: 168 }, (_, at) => (at % 24 > 5 && at % 24 < 22 ? at : 0));
  const element = {
    id: 'cam-lobby',
    kind: 'device',
    mode: 'enforce',
    packets: 100,
    bytes: 1_000_000,
    denied: 3,
    recorded: 0,
    hours,
    open: hours.map((packets) => (packets > 0 ? 1 : 0)),
    uses: [use],
  };
  return {
    timezone: 'Europe/Berlin',
    from: START,
    to: START + 24 * HOUR,
    totals: { packets: 100, bytes: 1_000_000, denied: 3, recorded: 0 },
    elements: [element],
    links,
    reasons: [{ reason: 'over-volume', packets: 3 }],
    notes: [],
  };
}

describe.skipIf(executablePath === null)('report in Chromium (skipped where chromium is not installed)', () => {
  let browser: Browser;
  let page: Page;
  const folder = mkdtempSync(join(tmpdir(), 'picket-report-'));

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(data: ReportData): Promise<readonly string[]> {
    const file = join(folder, 'report.html');
    writeFileSync(file, renderReport(data, HEAD));
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    return requests.filter((url) => !url.startsWith('file:'));
  }

  test('a day: map, hours, volume, sizes, each with its table; fits 1280 px; asks nobody for anything', async () => {
    expect(await open(day([link(1), link(2, 3)]))).toEqual([]);
    for (const name of [/Map of who talks to whom/, /Hours of the week/, /Volume per hour/, /Packets by size/]) {
      expect(await page.getByRole('img', { name }).count()).toBe(1);
    }
    expect(await page.locator('.map .line.no').count()).toBe(1);
    expect(await page.locator('.map .line.ok').count()).toBe(1);
    expect(await page.locator('.hour.busy.open').count()).toBe(7 * 16);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(1280);
    expect(await page.locator('details').count()).toBeGreaterThanOrEqual(5);
    await page.getByText('Table (2 lines)').click();
    expect(await page.getByRole('cell', { name: 'host-2' }).isVisible()).toBe(true);
  });

  test('the allowed range, ceiling and floor are drawn where the traffic can be compared with them', async () => {
    await open(day([link(1)]));
    const bars = await page.locator('.plot rect.sent').first().boundingBox();
    const bounds = await page.locator('.plot line.bound').evaluateAll((lines) => lines.length);
    expect(bounds).toBe(2);
    expect(bars?.width ?? 0).toBeGreaterThan(1);
    expect(await page.locator('text.bound').allTextContents()).toEqual(['ceiling 60.0 kB', 'floor 10.0 kB']);
  });

  test('ten thousand lines: the matrix, never wider than its own scroll box', async () => {
    await open(
      day(
        Array.from({ length: 10_000 }, (_, at) => ({
          ...link(at, at % 97 === 0 ? 1 : 0),
          from: `10.0.${at >> 8}.${at & 255}`,
          to: `10.1.${at % 40}.9`,
        })),
      ),
    );
    expect(await page.getByRole('img', { name: /Matrix of who talks to whom/ }).count()).toBe(1);
    expect(await page.locator('.cell.no').count()).toBeGreaterThan(0);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(1280);
  });

  test('no data: says so instead of drawing empty axes', async () => {
    await open({ ...day([]), from: null, to: null, elements: [] });
    expect(await page.getByText('There was no traffic to judge.').isVisible()).toBe(true);
    expect(await page.getByRole('img').count()).toBe(0);
  });

  test('on paper the pictures stay and closed tables go', async () => {
    await open(day([link(1)]));
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByRole('img', { name: /Map of who talks to whom/ }).isVisible()).toBe(true);
    expect(await page.getByText('Table (1 lines)').isVisible()).toBe(false);
    await page.emulateMedia({ media: 'screen' });
  });
});
