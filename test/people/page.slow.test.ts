// The logon's page in real Chromium with a virtual authenticator: first start, logon, a program let in, own passkeys and sessions. Nothing leaves the controller's origin.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath } from '../report/chromium.ts';
import { factsFrom, newServedWorld, type Served } from './world.testing.ts';

const executablePath = chromiumPath();
const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 360, height: 740 };

/** Set to look at the pages: where pictures go. */
const PICTURES = process.env.PICKET_PICTURES;

describe.skipIf(executablePath === null)('the page of the logon (skipped without a system Chromium)', () => {
  let world: Served;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const strangers: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    world = await newServedWorld();
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--no-sandbox', `--ignore-certificate-errors-spki-list=${world.keyHash}`],
    });
    context = await browser.newContext({ viewport: WIDE, ignoreHTTPSErrors: false });
    page = await opened(context);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  /** A page with an authenticator that says yes to everything. */
  async function opened(within: BrowserContext): Promise<Page> {
    const one = await within.newPage();
    one.on('request', (request) => {
      if (!request.url().startsWith(world.origin) && !request.url().startsWith('data:')) strangers.push(request.url());
    });
    one.on('console', (message) => {
      if (message.type() === 'error' && !/status of 40[139]/.test(message.text())) complaints.push(message.text());
    });
    one.on('pageerror', (error) => complaints.push(String(error)));
    const devtools = await within.newCDPSession(one);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return one;
  }

  async function look(name: string): Promise<void> {
    for (const [size, viewport] of [
      ['wide', WIDE],
      ['narrow', NARROW],
    ] as const) {
      await page.setViewportSize(viewport);
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect(overflow, `${name} at ${size}`).toBe(0);
      for (const colorScheme of ['light', 'dark'] as const) {
        if (PICTURES === undefined) continue;
        await page.emulateMedia({ colorScheme });
        mkdirSync(PICTURES, { recursive: true });
        await page.screenshot({ path: join(PICTURES, `${name}-${size}-${colorScheme}.png`), fullPage: true });
      }
    }
    await page.setViewportSize(WIDE);
  }

  test('says that nobody owns the controller yet', async () => {
    await page.goto(`${world.origin}/login/`);
    await page.getByRole('heading', { name: 'Log on' }).waitFor();
    expect(await page.getByRole('main').textContent()).toContain('Nobody owns this controller yet');
    await look('1-nobody');
  });

  test('the first link makes the owner, and leaves no secret in the address', async () => {
    const link = await world.people.firstLink();
    await page.goto(link?.page ?? '');
    await page.getByRole('heading', { name: 'Welcome to Picket' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Log on' }).waitFor();
    await page.goto(link?.page ?? '');
    await page.getByRole('heading', { name: 'Welcome to Picket' }).waitFor();
    expect(page.url()).toBe(`${world.origin}/login/`);
    await page.getByLabel('Your name').fill('Ada <b>Lovelace</b>');
    await look('2-first');
    await page.getByRole('button', { name: 'Create passkey' }).click();
    await page.getByRole('heading', { name: 'You are Ada <b>Lovelace</b>' }).waitFor();
    expect(await page.locator('b').count()).toBe(0);
    expect(await world.people.firstLink()).toBeNull();
    await look('3-account');
  });

  test('the cookie of the session is out of reach of scripts and of other sites', async () => {
    const cookies = await context.cookies();
    const session = cookies.find(({ name }) => name === '__Host-picket');
    expect(session).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict', path: '/' });
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  test('logs off and on again with the passkey', async () => {
    await page.getByRole('button', { name: 'Log off' }).click();
    await page.getByRole('heading', { name: 'Log on' }).waitFor();
    await page.getByRole('button', { name: 'Log on with a passkey' }).click();
    await page.getByRole('heading', { name: /^You are Ada/ }).waitFor();
  });

  test('lets a program in that waits with a code, after a fresh proof', async () => {
    const program = 'picket <on> laptop "x"';
    const { code, secret } = await world.people.beginCode({ program, facts: factsFrom() });
    world.clock.now += 10 * 60_000;
    const other = await world.people.beginCode({ program, facts: factsFrom() });
    await page.goto(`${world.origin}/login/#device=${other.code}`);
    await page.getByRole('heading', { name: /^Let this program in as Ada/ }).waitFor();
    expect(await page.getByRole('main').textContent()).toContain(program);
    await look('4-program');
    await page.getByRole('button', { name: 'Let it in' }).click();
    await page.getByText('The program is let in').waitFor();
    const polled = await world.people.pollCode({ secret: other.secret, facts: factsFrom() });
    expect(polled.state).toBe('granted');
    await expect(world.people.pollCode({ secret, facts: factsFrom() })).rejects.toMatchObject({ code: 'PICKET-C506' });
    await page.goto(`${world.origin}/login/#device=${code}`);
    await page.getByText('(PICKET-C506)').waitFor();
    await look('5-code-over');
  });

  test('ends another session, and keeps the last passkey', async () => {
    await page.goto(`${world.origin}/login/`);
    await page.getByRole('button', { name: /^End session of picket/ }).click();
    await page.getByRole('button', { name: /^End session of/ }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /^Remove passkey/ }).click();
    await page.getByText('(PICKET-C510)').waitFor();
    await look('6-last-passkey');
  });

  test('a link that was used is told in words', async () => {
    await page.goto(`${world.origin}/login/#k=${'A'.repeat(43)}`);
    await page.getByText('(PICKET-C505)').waitFor();
  });

  test('is reached and used by the keyboard alone', async () => {
    await page.goto(`${world.origin}/login/`);
    await page.getByRole('heading', { name: /^You are/ }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Log off');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Log on' }).waitFor();
  });

  test('asks nobody else, and breaks no rule of its own policy', () => {
    expect(strangers).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
