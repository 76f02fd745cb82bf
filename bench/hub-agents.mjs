// Agents of the hub's benchmark in a process of their own: real links over TLS and WebSockets, which write down what they take instead of enforcing it.

import { join } from 'node:path';
import process from 'node:process';
import { Link } from '#link';

const links = [];
let taken = 0;

class Applier {
  inForce = 0;
  async apply({ statement }) {
    this.inForce = statement.revision;
    taken += 1;
    return { outcome: 'applied', problem: null };
  }
  async quarantine() {
    return { held: [], failed: [] };
  }
}

const NOTHING_SEEN = {
  local: null,
  counters: { packets: 0, bytes: 0, flowsOpen: 0, flowsSeen: 0 },
  flows: [],
  verdicts: [],
  findings: [],
  newcomers: [],
  elements: [],
  proposals: [],
  losses: [],
  health: [],
};

// Whoever began this process is gone: nothing is measured any more.
process.on('disconnect', () => process.exit(0));

process.on('message', async (message) => {
  if (message.kind === 'begin') {
    for (const [at, membership] of message.memberships.entries()) {
      const applier = new Applier();
      const link = new Link(membership, {
        folder: join(message.folder, String(at)),
        version: 'bench',
        now: () => Date.now() * 1_000,
        random: Math.random,
        applier,
        collect: () => ({ fromMs: 0, toMs: Date.now(), revision: applier.inForce, ...NOTHING_SEEN }),
        log: () => {},
      });
      link.start();
      links.push(link);
    }
  }
  if (message.kind === 'cpu') process.send({ cpu: process.cpuUsage(), taken });
  if (message.kind === 'end') {
    await Promise.all(links.map((link) => link.close()));
    process.exit(0);
  }
});
