// What was used of a budget outlives the agent, and the machine: by the table in the kernel, and by what was saved.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentSite, missingTools, WAIT_MS_MAX } from './process.testing.ts';

const missing = missingTools();

/** A budget that a few pings use up; a window that no test outlives. */
const LIMITED = `
picket: 1
mode: observe
timezone: UTC
elements:
  here: { kind: server, address: 10.77.0.1, mode: enforce }
rules:
  ping: { from: 10.77.0.2, to: { on: here, protocol: icmp }, limits: { volume: <= 2 kB per 30 d } }
`;

describe.skipIf(missing !== '')(`budgets over a restart${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new AgentSite();
  beforeAll(() => site.open(), WAIT_MS_MAX);
  afterAll(() => site.close());

  it(
    'keeps what was used over a kill, and over a loss of the table',
    async () => {
      const first = await site.start();
      expect(site.say(first, 'apply', { text: LIMITED, confirmSeconds: 0 }).refused).toBeNull();
      expect(site.pings(500)).toBe(true);
      for (let sent = 0; sent < 8; sent++) site.pings(500);
      expect(site.pings(500)).toBe(false);
      await first.kill('SIGKILL');
      expect(site.pings(500)).toBe(false);

      const second = await site.start();
      expect(site.pings(500)).toBe(false);
      await second.kill('SIGTERM');
      site.run('nft', 'delete', 'table', 'inet', 'picket');
      expect(site.pings(500)).toBe(true);

      const third = await site.start();
      expect(site.pings(500)).toBe(false);
      site.say(third, 'down', { isPurge: true });
      await third.hasEnded;
      expect(site.pings(500)).toBe(true);
    },
    2 * WAIT_MS_MAX,
  );
});
