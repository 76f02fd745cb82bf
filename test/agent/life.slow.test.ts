// An agent's life with the real kernel: begun, refused, killed at every step, begun again, taken down. Real traffic says what is in force.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AgentSite, missingTools, type RunningAgent, WAIT_MS_MAX } from './process.testing.ts';

const missing = missingTools();

/** Denies everybody but the far end's pings. */
const STRICT = `
picket: 1
mode: observe
elements:
  here: { kind: server, address: 10.77.0.1, mode: enforce }
`;

describe.skipIf(missing !== '')(`the agent's life${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new AgentSite();
  let before = '';
  beforeAll(async () => {
    await site.open();
    site.serve();
    before = site.ruleset() + site.sysctls();
  }, WAIT_MS_MAX);
  afterAll(() => site.close());
  /** Every test ends its agents, and the machine is left as it was, whatever they had begun. */
  afterEach(() => {
    expect(site.takeDown()).toBe('down');
    site.forget();
    expect(site.ruleset() + site.sysctls()).toBe(before);
  }, WAIT_MS_MAX);

  const enforce = (agent: RunningAgent, confirmSeconds = 90): void =>
    expect(site.say(agent, 'apply', { text: STRICT, confirmSeconds }).refused).toBeNull();

  it(
    'observes at first, and blocks nothing',
    async () => {
      const agent = await site.start();
      expect(agent.said).toMatch(/^ready/);
      expect(site.connects()).toBe(true);
      const status = site.say(agent, 'status').answer;
      expect(status).toMatchObject({ schema: 'picket.status/v1', elements: { observe: 1 }, pending: null, health: [] });
      expect(status.services).toContainEqual(
        expect.objectContaining({ port: 8080, protocol: 'tcp', program: 'python3', isHere: true }),
      );
      await agent.kill('SIGTERM');
      expect(agent.lines.at(-1)).toBe('ended stop');
      expect(site.ruleset()).toContain('table inet picket');
    },
    WAIT_MS_MAX,
  );

  it(
    'refuses a second agent with the same state, and the first goes on',
    async () => {
      const first = await site.start();
      const second = await site.start({}, 'run2');
      expect(second.said).toMatch(/^refused PICKET-G024 .*process \d+/);
      expect(site.say(first, 'status').refused).toBeNull();
      await first.kill('SIGKILL');
    },
    WAIT_MS_MAX,
  );

  it.each(['locked', 'policy-read', 'table-up', 'settings-set', 'listening'])(
    'begins again after it was killed at the step "%s" of its start',
    async (step) => {
      const killed = await site.start({ DIE_AT: step });
      await killed.hasEnded;
      expect(killed.lines.filter((line) => line.startsWith('ready'))).toEqual([]);
      expect(site.connects()).toBe(true);
      const agent = await site.start();
      expect(agent.said).toMatch(/^ready/);
      expect(site.connects()).toBe(true);
      await agent.kill('SIGKILL');
    },
    WAIT_MS_MAX,
  );

  it.each(['revision-written', 'pending-written', 'applied-in-kernel', 'applied'])(
    'goes back to what was confirmed after it was killed at the step "%s" of an apply',
    async (step) => {
      const killed = await site.start({ DIE_AT: step });
      expect(site.say(killed, 'apply', { text: STRICT }).refused?.code).toMatch(/PICKET-G022|PICKET-G020/);
      await killed.hasEnded;
      const agent = await site.start();
      expect(site.say(agent, 'policy').answer).toMatchObject({
        policy: { revision: 1, isConfirmed: true },
        pending: null,
      });
      expect(site.connects()).toBe(true);
      await agent.kill('SIGKILL');
    },
    WAIT_MS_MAX,
  );

  it(
    'keeps a confirmed policy over a kill, and its denials meanwhile',
    async () => {
      const first = await site.start();
      enforce(first, 0);
      expect(site.connects()).toBe(false);
      await first.kill('SIGKILL');
      expect(site.connects()).toBe(false);
      const again = await site.start();
      expect(site.say(again, 'policy').answer.policy).toMatchObject({ revision: 2, isConfirmed: true });
      expect(site.connects()).toBe(false);
      expect(site.say(again, 'undo', { confirmSeconds: 0 }).refused).toBeNull();
      expect(site.connects()).toBe(true);
      await again.kill('SIGKILL');
    },
    WAIT_MS_MAX,
  );

  it(
    'takes back what waits when it is told to end',
    async () => {
      const agent = await site.start();
      enforce(agent);
      expect(site.connects()).toBe(false);
      await agent.kill('SIGTERM');
      expect(site.connects()).toBe(true);
    },
    WAIT_MS_MAX,
  );

  it(
    'lets nobody out of quarantine by a kill, at either step',
    async () => {
      const named = STRICT.replace('mode: enforce', 'mode: observe').concat(
        '  far: { kind: device, address: 10.77.0.2 }\n',
      );
      const first = await site.start({ DIE_AT: 'quarantine-written' });
      expect(site.say(first, 'apply', { text: named, confirmSeconds: 0 }).refused).toBeNull();
      expect(site.connects()).toBe(true);
      expect(site.say(first, 'quarantine', { element: 'far', reason: 'test' }).refused).not.toBeNull();
      await first.hasEnded;
      const second = await site.start({ DIE_AT: 'released-in-kernel' });
      expect(site.connects()).toBe(false);
      expect(site.say(second, 'release', { element: 'far' }).refused).not.toBeNull();
      await second.hasEnded;
      const third = await site.start();
      expect(site.connects()).toBe(false);
      expect(site.say(third, 'release', { element: 'far' }).refused).toBeNull();
      expect(site.connects()).toBe(true);
      await third.kill('SIGKILL');
    },
    WAIT_MS_MAX,
  );

  it.each(['table-down', 'settings-restored'])(
    'finishes a down that was killed at "%s"',
    async (step) => {
      const killed = await site.start({ DIE_AT: step });
      site.say(killed, 'down');
      await killed.hasEnded;
      expect(site.ruleset()).not.toContain('picket');
      expect(site.connects()).toBe(true);
    },
    WAIT_MS_MAX,
  );

  it(
    'is taken down where no agent runs',
    async () => {
      const agent = await site.start();
      await agent.kill('SIGKILL');
      expect(site.ruleset()).toContain('table inet picket');
      expect(site.takeDown()).toBe('down');
      expect(site.ruleset() + site.sysctls()).toBe(before);
    },
    WAIT_MS_MAX,
  );
});
