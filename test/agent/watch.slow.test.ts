// Rules that rest on the monitor: they hold while somebody watches, and end in the kernel by themselves when nobody does.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentSite, missingTools, WAIT_MS_MAX } from './process.testing.ts';

const missing = missingTools();

const WATCHED = `
picket: 1
mode: observe
timezone: UTC
elements:
  here: { kind: server, address: 10.77.0.1, mode: enforce }
rules:
  web: { from: 10.77.0.2, to: { on: here, protocol: tcp, port: 8080, application: http }, limits: { operations: http GET } }
`;

describe.skipIf(missing !== '')(`what rests on the monitor${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new AgentSite();
  beforeAll(async () => {
    await site.open();
    site.serve();
  }, WAIT_MS_MAX);
  afterAll(() => site.close());

  it(
    'passes, is cut for a wrong operation, and ends in the kernel after a kill',
    async () => {
      const agent = await site.start();
      const applied = site.say(agent, 'apply', { text: WATCHED, confirmSeconds: 0 }).answer;
      expect(applied.notHeld).toContainEqual(expect.objectContaining({ where: 'rules.web', effect: 'elsewhere' }));
      expect(site.http('GET')).toContain('200 OK');
      const wrong = () => {
        site.http('POST');
        const { verdicts } = site.say(agent, 'verdicts').answer;
        return verdicts.find(({ action }: { action: string | null }) => action === 'session cut');
      };
      await expect
        .poll(wrong, { timeout: 30_000 })
        .toMatchObject({ rule: 'web', reasons: ['wrong-operation'], isEnforced: true });
      await agent.kill('SIGKILL');
      // The lease is of 90 seconds: its end stands in the kernel, where no agent is needed for it.
      const live = site.run('nft', 'list', 'map', 'inet', 'picket', 'live');
      const expiries = [...live.matchAll(/expires (?:(\d+)m)?(?:(\d+)s)?/g)].map(
        ([, m = '0', s = '0']) => Number(m) * 60 + Number(s),
      );
      expect(expiries.length).toBeGreaterThan(0);
      expect(Math.max(...expiries)).toBeLessThanOrEqual(90);
      const again = await site.start();
      expect(site.http('GET')).toContain('200 OK');
      site.say(again, 'down', { isPurge: true });
      await again.hasEnded;
    },
    2 * WAIT_MS_MAX,
  );

  it(
    'begins anew when too many addresses were seen, and the table holds meanwhile',
    async () => {
      const agent = await site.start({ ADDRESSES: '60' });
      site.runFar('ip', 'route', 'replace', '10.99.0.0/24', 'via', '10.77.0.1');
      const text = WATCHED.slice(0, WATCHED.indexOf('rules:'));
      expect(site.say(agent, 'apply', { text, confirmSeconds: 0 }).refused).toBeNull();
      site.runFar('bash', '-c', 'for i in $(seq 1 120); do echo x > /dev/udp/10.99.0.$i/9; done');
      const health = () => {
        expect(site.connects()).toBe(false);
        return site.say(agent, 'status').answer?.health ?? [];
      };
      await expect.poll(health, { timeout: 60_000 }).toContainEqual(expect.objectContaining({ code: 'PICKET-G046' }));
      expect(site.say(agent, 'policy').answer.policy).toMatchObject({ revision: 2, isConfirmed: true });
      site.say(agent, 'down', { isPurge: true });
      await agent.hasEnded;
      expect(site.ruleset()).not.toContain('picket');
    },
    2 * WAIT_MS_MAX,
  );
});
