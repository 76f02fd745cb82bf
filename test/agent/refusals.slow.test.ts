// What keeps an agent from beginning, with nothing half done; and records that are followed while they happen.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentSite, missingTools, WAIT_MS_MAX } from './process.testing.ts';

const missing = missingTools();

describe.skipIf(missing !== '')(`an agent${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new AgentSite();
  beforeAll(async () => {
    await site.open();
    site.serve();
  }, WAIT_MS_MAX);
  afterAll(() => site.close());

  it(
    'does not begin beside somebody else who uses marks, and changes nothing',
    async () => {
      site.run('nft', 'add', 'table', 'ip', 'vpn');
      site.run('nft', 'add', 'chain', 'ip', 'vpn', 'c', '{ type filter hook forward priority 0; }');
      site.run('nft', 'add', 'rule', 'ip', 'vpn', 'c', 'ct', 'mark', 'set', '0x1');
      const before = site.ruleset() + site.sysctls();
      const agent = await site.start();
      expect(agent.said).toMatch(/^refused PICKET-G034 .*table ip vpn/);
      await agent.hasEnded;
      expect(site.ruleset() + site.sysctls()).toBe(before);
      site.run('nft', 'delete', 'table', 'ip', 'vpn');
    },
    WAIT_MS_MAX,
  );

  it(
    'does not begin with less than it had: a damaged state leaves the table as it is',
    async () => {
      const first = await site.start();
      await first.kill('SIGTERM');
      const before = site.ruleset();
      writeFileSync(join(site.state, 'head.json'), 'damaged');
      const second = await site.start();
      expect(second.said).toMatch(/^refused PICKET-G032 .*damaged/);
      await second.hasEnded;
      expect(site.ruleset()).toBe(before);
      // After a restart of the machine there is no table: what enforces stays closed, and no more than that is in the kernel.
      site.run('nft', 'delete', 'table', 'inet', 'picket');
      const third = await site.start();
      expect(third.said).toMatch(/^refused PICKET-G032 .*damaged/);
      await third.hasEnded;
      expect(site.run('nft', 'list', 'tables')).toBe('table inet picket_closed\n');
      expect(site.takeDown()).toBe('down');
      expect(site.run('nft', 'list', 'tables')).toBe('');
    },
    WAIT_MS_MAX,
  );

  it(
    'tells who follows of each flow as it begins, and lets go when the follower ends',
    async () => {
      site.forget();
      const fresh = await site.start();
      const ended = new AbortController();
      const rows: unknown[] = [];
      const following = (async () => {
        for await (const row of fresh.client.follow('flows', ended.signal)) {
          rows.push(row);
          if (JSON.stringify(row).includes('"port":8080')) ended.abort();
        }
      })();
      await expect.poll(() => site.connects() && ended.signal.aborted, { timeout: 60_000, interval: 500 }).toBe(true);
      await following;
      expect(rows.at(-1)).toMatchObject({
        protocol: 'tcp',
        to: { address: '10.77.0.1', port: 8080 },
        verdict: 'deny',
        isEnforced: false,
      });
      site.say(fresh, 'down', { isPurge: true });
      await fresh.hasEnded;
    },
    WAIT_MS_MAX,
  );
});
