// Logon at the gateway: what needs it is closed until somebody logs on, a ticket opens it once, and the three answers of why agree.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentSite, missingTools, type Said, WAIT_MS_MAX } from './process.testing.ts';

const missing = missingTools();

const NEEDS_LOGON = `
picket: 1
mode: observe
timezone: UTC
elements:
  here: { kind: server, address: 10.77.0.1, mode: enforce }
  alice: { kind: human, address: 10.77.0.2 }
services:
  web: { on: here, protocol: tcp, port: 8080, logon: required }
rules:
  ops: { from: alice, to: web }
`;

describe.skipIf(missing !== '')(`logon at the gateway${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new AgentSite();
  beforeAll(async () => {
    await site.open();
    site.serve();
  }, WAIT_MS_MAX);
  afterAll(() => site.close());

  it(
    'opens by a logon and closes by a logoff; a ticket opens once',
    async () => {
      const agent = await site.start();
      expect(site.say(agent, 'apply', { text: NEEDS_LOGON, confirmSeconds: 0 }).refused).toBeNull();
      const why = () => site.say(agent, 'why', { from: 'alice', to: 'here', service: 'web' }).answer;
      const closed = { isPermitted: false, reasons: ['not-logged-on'] };
      expect(site.http('GET')).not.toContain('200 OK');
      expect(why()).toMatchObject({
        intent: closed,
        compiled: closed,
        kernel: { isPermitted: false },
        doAgree: true,
      });

      site.say(agent, 'logon', { element: 'alice', factors: ['person'] });
      expect(site.http('GET')).toContain('200 OK');
      expect(why()).toMatchObject({
        intent: { isPermitted: true },
        compiled: { isPermitted: true, rule: 'ops' },
        kernel: { isPermitted: true },
        doAgree: true,
      });

      site.say(agent, 'logoff', { element: 'alice', factors: ['person'] });
      expect(site.http('GET')).not.toContain('200 OK');

      const told = (): Said['answer'] => site.say(agent, 'flows', { count: 100 }).answer;
      const ended = (verdict: string): number =>
        (JSON.stringify(told()).match(new RegExp(`"verdict":"${verdict}"`, 'g')) ?? []).length;
      const before = ended('permit');
      expect(site.say(agent, 'ticket', { from: 'alice', service: 'web', seconds: 60 }).refused).toBeNull();
      expect(site.http('GET')).toContain('200 OK');
      // The kernel let it in by the ticket, and so it is recorded.
      await expect.poll(() => ended('permit'), { timeout: WAIT_MS_MAX / 4 }).toBe(before + 1);
      const denied = ended('deny');
      expect(site.http('GET')).not.toContain('200 OK');
      await expect.poll(() => ended('deny'), { timeout: WAIT_MS_MAX / 4 }).toBeGreaterThan(denied);
      expect(ended('permit')).toBe(before + 1);
      expect(site.say(agent, 'ticket', { from: 'here', service: 'web', seconds: 60 }).refused).toMatchObject({
        code: 'PICKET-G040',
      });
      site.say(agent, 'down', { isPurge: true });
      await agent.hasEnded;
    },
    2 * WAIT_MS_MAX,
  );
});
