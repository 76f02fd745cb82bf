// Changes of the policy by real processes in real sessions: confirmed from a new one only, taken back by themselves otherwise. And clocks that jump.

import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AgentSite, missingTools, type RunningAgent, sayIn, WAIT_MS_MAX } from './process.testing.ts';

const missing = missingTools();

const STRICT = `
picket: 1
mode: observe
timezone: UTC
elements:
  here: { kind: server, address: 10.77.0.1, mode: enforce }
`;

describe.skipIf(missing !== '')(`changes of the policy${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new AgentSite();
  let agent: RunningAgent;
  beforeAll(async () => {
    await site.open();
    site.serve();
  }, WAIT_MS_MAX);
  afterAll(() => site.close());
  const start = async (settings: Readonly<Record<string, string>> = {}): Promise<void> => {
    agent = await site.start(settings);
    expect(agent.said).toMatch(/^ready/);
  };
  beforeEach(() => start(), WAIT_MS_MAX);
  afterEach(async () => {
    site.say(agent, 'down', { isPurge: true });
    await agent.hasEnded;
  }, WAIT_MS_MAX);

  it('only plans, and changes nothing', () => {
    site.connects();
    const planned = site.say(agent, 'apply', { text: STRICT, isPlanOnly: true }).answer;
    expect(planned).toMatchObject({ isApplied: false, revision: null, changes: expect.arrayContaining([]) });
    expect(site.connects()).toBe(true);
    expect(site.say(agent, 'history').answer.revisions).toHaveLength(1);
  });

  it(
    'goes back, and goes on with all else, where nothing can be written down',
    async () => {
      const [host] = site.say(agent, 'elements').answer.elements;
      expect(site.say(agent, 'apply', { text: STRICT, confirmSeconds: 3 }).refused).toBeNull();
      const blocked = join(site.state, 'head.json.new');
      mkdirSync(blocked);
      await expect.poll(() => site.connects(), { timeout: 30_000 }).toBe(true);
      const request = { element: host.id, seconds: 2, reason: 'test', isForced: true };
      expect(site.say(agent, 'quarantine', request).refused).toBeNull();
      await expect.poll(() => site.connects(), { timeout: 30_000 }).toBe(true);
      expect(site.say(agent, 'status').answer.quarantines).toEqual([]);
      expect(site.say(agent, 'status').answer.pending).not.toBeNull();
      rmdirSync(blocked);
      await expect.poll(() => site.say(agent, 'status').answer.pending, { timeout: 30_000 }).toBeNull();
    },
    WAIT_MS_MAX,
  );

  it(
    'says what of the traffic seen a change would deny',
    async () => {
      expect(site.connects()).toBe(true);
      await expect
        .poll(() => site.say(agent, 'apply', { text: STRICT, isPlanOnly: true }).answer.plan.denied, {
          timeout: 20_000,
        })
        .toContainEqual(
          expect.objectContaining({
            from: '10.77.0.2',
            to: expect.any(String),
            port: 8080,
            protocol: 'tcp',
            reason: 'unknown-element',
          }),
        );
    },
    WAIT_MS_MAX,
  );

  it(
    'is confirmed from a new session, and not from the same one',
    () => {
      const script = `"$@" apply '${JSON.stringify({ text: STRICT })}'; echo; "$@" confirm '{}'`;
      const lines = site.shell(agent, script);
      expect(lines.map((line) => JSON.parse(line).refused?.code ?? 'done')).toEqual(['done', 'PICKET-G028']);
      expect(site.say(agent, 'status').answer.pending).toMatchObject({ revision: 2, revertsTo: 1 });
      expect(site.say(agent, 'apply', { text: STRICT }).refused?.code).toBe('PICKET-G025');
      expect(site.say(agent, 'confirm').refused).toBeNull();
      expect(site.say(agent, 'status').answer).toMatchObject({
        pending: null,
        policy: { revision: 2, isConfirmed: true },
      });
      expect(site.say(agent, 'confirm').refused?.code).toBe('PICKET-G027');
      expect(site.connects()).toBe(false);
    },
    WAIT_MS_MAX,
  );

  it(
    'is not confirmed over the same connection, even in a new session',
    () => {
      const ssh = (port: number) => ({ SSH_CONNECTION: `192.0.2.7 ${port} 192.0.2.1 22` });
      expect(site.say(agent, 'apply', { text: STRICT }, ssh(50_000)).refused).toBeNull();
      expect(site.say(agent, 'confirm', {}, ssh(50_000)).refused?.code).toBe('PICKET-G028');
      expect(site.say(agent, 'confirm', {}, ssh(50_001)).refused).toBeNull();
    },
    WAIT_MS_MAX,
  );

  it('is not spoken to by another user', () => {
    const words = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const said = sayIn(words, {
      folder: site.folder,
      socket: agent.socket,
      name: 'confirm',
      takes: {},
      environment: {},
    });
    expect(said.refused?.code).toBe('PICKET-G021');
  });

  it(
    'refuses to cut the connection of who asks, unless told to',
    () => {
      const ssh = { SSH_CONNECTION: '10.77.0.2 50000 10.77.0.1 22' };
      const refused = site.say(agent, 'apply', { text: STRICT }, ssh).refused;
      expect(refused).toMatchObject({
        code: 'PICKET-G026',
        message: expect.stringContaining('10.77.0.2 to 10.77.0.1:22 ('),
      });
      expect(site.connects()).toBe(true);
      const kept = `${STRICT}rules:\n  admin: { from: 10.77.0.2, to: { on: here, protocol: tcp, port: 22 } }\n`;
      expect(site.say(agent, 'apply', { text: kept, isPlanOnly: true }, ssh).answer.ownConnection).toMatchObject({
        isPermitted: true,
      });
      expect(site.say(agent, 'apply', { text: STRICT, mayLoseSession: true }, ssh).answer.ownConnection).toMatchObject({
        isPermitted: false,
        reasons: expect.arrayContaining(['no-rule']),
      });
      expect(site.say(agent, 'rollback').refused).toBeNull();
      expect(site.connects()).toBe(true);
    },
    WAIT_MS_MAX,
  );

  it.each([
    ['errors', 'picket: 1\nrules:\n  x: { from: nobody, to: any }\n', 'PICKET-I009'],
    ['a failing test', `${STRICT}tests: [ "internet may use here tcp/80" ]\n`, 'PICKET-G036'],
    ['nothing in it', ' ', 'PICKET-I009'],
  ])('refuses a policy with %s, and changes nothing', (_, text, code) => {
    expect(site.say(agent, 'apply', { text }).refused?.code).toBe(code);
    expect(site.say(agent, 'history').answer.revisions).toHaveLength(1);
    expect(site.connects()).toBe(true);
  });

  it(
    'reverts by itself when nobody confirms',
    async () => {
      expect(site.say(agent, 'apply', { text: STRICT, confirmSeconds: 10 }).answer.pending.secondsLeft).toBeGreaterThan(
        0,
      );
      expect(site.connects()).toBe(false);
      await expect.poll(() => site.connects(), { timeout: 30_000 }).toBe(true);
      expect(site.say(agent, 'history').answer.revisions.map(({ state }: { state: string }) => state)).toEqual([
        'reverted',
        'in-force',
      ]);
    },
    WAIT_MS_MAX,
  );

  it(
    'reverts although the clock was set back by a year meanwhile',
    async () => {
      site.say(agent, 'down', { isPurge: true });
      await agent.hasEnded;
      await start({ SHIFT_SECONDS: String(-365 * 86_400) });
      expect(site.say(agent, 'apply', { text: STRICT, confirmSeconds: 8 }).refused).toBeNull();
      agent.shiftClock(site);
      await expect.poll(() => site.connects(), { timeout: 30_000 }).toBe(true);
    },
    WAIT_MS_MAX,
  );

  it.each([
    ['an hour', 3_600],
    ['a year', 365 * 86_400],
  ])(
    'closes hours at once when the clock jumps by %s',
    async (_, seconds) => {
      site.say(agent, 'down', { isPurge: true });
      await agent.hasEnded;
      await start({ SHIFT_SECONDS: String(seconds) });
      const clock = (at: number): string => new Date(at).toISOString().slice(11, 16);
      const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][new Date().getUTCDay()];
      const hours = `${day} ${clock(Date.now())}-${clock(Date.now() + 1_200_000)}`;
      const text = `${STRICT}rules:\n  web: { from: 10.77.0.2, to: { on: here, protocol: tcp, port: 8080 }, limits: { hours: "${hours}" } }\n`;
      expect(site.say(agent, 'apply', { text, confirmSeconds: 0 }).refused).toBeNull();
      expect(site.connects()).toBe(true);
      agent.shiftClock(site);
      await expect.poll(() => site.connects(), { timeout: 30_000 }).toBe(false);
    },
    WAIT_MS_MAX,
  );
});
