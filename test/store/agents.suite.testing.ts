// Topics agents and controllers: the newest connection of an agent counts, a report counts once, and who died is known by its silence.

import { expect } from 'vitest';
import {
  type AgentSeenRow,
  agent,
  beginPolicy,
  type ControllerRow,
  disconnectSilent,
  domainHeads,
  forgetAgent,
  forgetController,
  forgetControllers,
  livingControllers,
  noteController,
  noteReport,
  putQuarantine,
  saveAgents,
} from '#store';
import type { Suite } from './suite.testing.ts';

const DOMAIN = 'plant.example';
const AGENT = 'gateway/north';

function row(more: Partial<AgentSeenRow> = {}): AgentSeenRow {
  return {
    domain: DOMAIN,
    agent: AGENT,
    controller: 'one',
    connected_at: 10,
    seen_at: 10,
    program: '1',
    in_force: 1,
    revision: 1,
    outcome: 'applied',
    problem_code: null,
    problem_message: null,
    detail: '{}',
    ...more,
  };
}

function controller(name: string, seen_at: number): ControllerRow {
  return { name, addresses: '["a:1"]', chain: null, begun_at: 1, seen_at };
}

export const agentsSuite: Suite = {
  topic: 'agents and controllers',
  cases: {
    'a controller that notices late that an agent went does not overwrite the next one': async ({ db }) => {
      await saveAgents(db, [row()]);
      await saveAgents(db, [row({ controller: 'other', connected_at: 20 })]);
      await saveAgents(db, [row({ controller: null })]);
      expect((await agent(db, DOMAIN, AGENT))?.controller).toBe('other');
      return agent(db, DOMAIN, AGENT);
    },
    'whom nobody has is taken also by a controller whose clock is behind': async ({ db }) => {
      await saveAgents(db, [row({ controller: null, connected_at: 50 })]);
      await saveAgents(db, [row({ controller: 'other', connected_at: 20 })]);
      expect(await agent(db, DOMAIN, AGENT)).toMatchObject({ controller: 'other', connected_at: 20 });
      return agent(db, DOMAIN, AGENT);
    },
    'agents of a controller that died are with none, once they were silent for long enough': async ({ db }) => {
      await saveAgents(db, [row(), row({ agent: 'gateway/south', seen_at: 30 })]);
      expect(await disconnectSilent(db, 10)).toBe(0);
      expect(await disconnectSilent(db, 11)).toBe(1);
      expect(await disconnectSilent(db, 11)).toBe(0);
      return [await agent(db, DOMAIN, AGENT), await agent(db, DOMAIN, 'gateway/south')];
    },
    'a report counts once, and anew when the agent begins again': async ({ db }) => {
      const told: readonly (readonly [string, number, boolean])[] = [
        ['b1', 0, true],
        ['b1', 0, false],
        ['b1', 1, true],
        ['b1', 0, false],
        ['b2', 0, true],
        ['b2', 0, false],
      ];
      for (const [boot, sequence, isNew] of told)
        expect(await noteReport(db, { domain: DOMAIN, agent: AGENT, boot, sequence })).toBe(isNew);
      expect(await noteReport(db, { domain: 'other.example', agent: AGENT, boot: 'b2', sequence: 0 })).toBe(true);
      await saveAgents(db, [row({ controller: null })]);
      expect(await forgetAgent(db, DOMAIN, AGENT)).toBe(true);
      expect(await noteReport(db, { domain: DOMAIN, agent: AGENT, boot: 'b2', sequence: 0 })).toBe(true);
      return told;
    },
    'controllers live as long as they say so': async ({ db }) => {
      for (const [name, at] of [
        ['one', 10],
        ['other', 20],
        ['third', 30],
      ] as const)
        await noteController(db, controller(name, at));
      await noteController(db, controller('one', 40));
      const living = await livingControllers(db, 30);
      expect(living.map(({ name }) => name)).toEqual(['one', 'third']);
      await forgetControllers(db, 30);
      await forgetController(db, 'third');
      expect((await livingControllers(db, 0)).map(({ name }) => name)).toEqual(['one']);
      return living;
    },
    'heads say where domains stand, and nothing of others': async ({ db }) => {
      const first = { text: 'picket: 1\n', authorId: 'u1', authorName: 'ann', why: 'first', at: 1 };
      for (const domain of [DOMAIN, 'other.example']) await beginPolicy(db, domain, first);
      await putQuarantine(db, { domain: DOMAIN, element: 'cam', since: 1, until: null, reason: 'scans', by: 'Ada' });
      const heads = await domainHeads(db, [DOMAIN, 'unknown.example']);
      expect(heads).toMatchObject([{ domain: DOMAIN, revision: 1, sequence: 1, revocation_sequence: null }]);
      expect(await domainHeads(db, [])).toEqual([]);
      return heads;
    },
  },
};
