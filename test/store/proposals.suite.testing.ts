// Topic proposals: the same of two agents is one, nobody changes what another one told, and decisions are remembered.

import { expect } from 'vitest';
import {
  type Db,
  decideProposal,
  forgetProposals,
  noteProposals,
  PROPOSALS_PER_AGENT_MAX,
  type ProposalState,
  proposals,
  reopenProposals,
  type ToldProposal,
  tellerCounts,
  tellersOf,
} from '#store';
import type { Suite } from './suite.testing.ts';

const DOMAIN = 'plant.example';

function proposed(id: string, more: Partial<ToldProposal> = {}): ToldProposal {
  return {
    id,
    section: 'rules',
    entry: `rule-${id}`,
    json: '{"from":"cam","to":"rtsp"}',
    evidence: '3 times',
    first_seen: 1,
    last_seen: 2,
    ...more,
  };
}

const tell = (db: Db, agent: string, rows: readonly ToldProposal[], revision = 1) =>
  noteProposals(db, DOMAIN, { agent, revision, rows });

async function ids(db: Db, state: ProposalState): Promise<readonly string[]> {
  return (await proposals(db, DOMAIN, { after: null, limit: 9_999, state })).map(({ id }) => id);
}

const decided = (id: string, state: 'accepted' | 'rejected', revision: number | null = null) => ({
  id,
  state,
  by: 'Ada',
  at: 9,
  revision,
});

export const proposalsSuite: Suite = {
  topic: 'proposals',
  cases: {
    'what two agents learned alike is one proposal, with what each says of it': async ({ db }) => {
      await tell(db, 'north', [proposed('a')]);
      await tell(db, 'south', [proposed('a', { evidence: '9 times', last_seen: 7 })]);
      await tell(db, 'north', [proposed('a', { evidence: '4 times', last_seen: 5 })]);
      expect(await proposals(db, DOMAIN, { after: null, limit: 9, state: 'open' })).toMatchObject([
        { id: 'a', agent: 'north', evidence: '4 times', first_seen: 1, last_seen: 7 },
      ]);
      expect(await proposals(db, 'zoo.example', { after: null, limit: 9, state: 'open' })).toEqual([]);
      expect(await tellerCounts(db, DOMAIN, ['a', 'b'])).toEqual(new Map([['a', 2]]));
      return tellersOf(db, DOMAIN, 'a');
    },
    'another content of the same entry is another proposal; an agent takes its own back with it': async ({ db }) => {
      await tell(db, 'north', [proposed('a', { entry: 'x' })]);
      await tell(db, 'evil', [proposed('b', { entry: 'x', json: '{"from":"any","to":"rtsp"}' })]);
      expect(await ids(db, 'open')).toEqual(['a', 'b']);
      await tell(db, 'evil', [proposed('c', { entry: 'x' })]);
      expect(await ids(db, 'open')).toEqual(['a', 'c']);
      return tellersOf(db, DOMAIN, 'a');
    },
    'a rejected one stays rejected, however often and with whatever fields its agent tells it': async ({ db }) => {
      await tell(db, 'north', [proposed('a'), proposed('b')]);
      const decision = decided('a', 'rejected');
      expect([await decideProposal(db, DOMAIN, decision), await decideProposal(db, DOMAIN, decision)]).toEqual([
        true,
        false,
      ]);
      await tell(db, 'north', [proposed('a')]);
      await tell(db, 'north', [proposed('a2', { entry: 'rule-a' })]);
      expect(await ids(db, 'open')).toEqual(['b']);
      // Another agent says something else of an entry with this name: nobody decided on that.
      await tell(db, 'south', [proposed('a3', { entry: 'rule-a' })]);
      expect(await ids(db, 'open')).toEqual(['a3', 'b']);
      return ids(db, 'rejected');
    },
    'an accepted one is open again when it is told by an agent that has its revision and still misses it': async ({
      db,
    }) => {
      await tell(db, 'north', [proposed('a')], 4);
      await decideProposal(db, DOMAIN, decided('a', 'accepted', 5));
      await tell(db, 'north', [proposed('a')], 4);
      expect(await ids(db, 'accepted')).toEqual(['a']);
      await tell(db, 'north', [proposed('a')], 5);
      expect(await ids(db, 'accepted')).toEqual([]);
      return proposals(db, DOMAIN, { after: null, limit: 9, state: 'open' });
    },
    'what a revision took in is open again when it was taken back': async ({ db }) => {
      await tell(db, 'north', [proposed('a'), proposed('b')]);
      await decideProposal(db, DOMAIN, decided('a', 'accepted', 5));
      await decideProposal(db, DOMAIN, decided('b', 'accepted', 6));
      await reopenProposals(db, DOMAIN, 6);
      return [await ids(db, 'open'), await ids(db, 'accepted')];
    },
    'an agent finds no room beyond its own, and another one does': async ({ db }) => {
      const many = Array.from({ length: PROPOSALS_PER_AGENT_MAX }, (_, at) => proposed(`e${at}`));
      await tell(db, 'evil', many);
      await tell(db, 'evil', [proposed('one-more'), proposed('e0', { evidence: 'told again' })]);
      await tell(db, 'north', [proposed('n')]);
      const open = await ids(db, 'open');
      expect([open.length, open.includes('one-more'), open.includes('n')]).toEqual([
        PROPOSALS_PER_AGENT_MAX + 1,
        false,
        true,
      ]);
      return tellersOf(db, DOMAIN, 'e0');
    },
    'what nobody tells is forgotten, a decision later': async ({ db }) => {
      await tell(db, 'north', [proposed('a'), proposed('b'), proposed('c', { last_seen: 50 })]);
      await decideProposal(db, DOMAIN, decided('b', 'rejected'));
      await forgetProposals(db, { openBefore: 20, before: 2 });
      expect([await ids(db, 'open'), await ids(db, 'rejected')]).toEqual([['c'], ['b']]);
      expect(await tellersOf(db, DOMAIN, 'a')).toEqual([]);
      await forgetProposals(db, { openBefore: 20, before: 3 });
      return [await ids(db, 'open'), await ids(db, 'rejected'), await tellerCounts(db, DOMAIN, ['b', 'c'])];
    },
  },
};
