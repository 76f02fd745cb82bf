// A whole packet filter as a policy: what comes to the firewall itself, what leaves it, what passes through it. All chains on one hook must accept.

import type { Prefix, Problem, Selector } from '#model';
import type { Box } from '../draft/boxes.ts';
import { Draft } from '../draft/draft.ts';
import { everyAddress } from '../draft/prefixes.ts';
import { refusal, TOO_LARGE } from '../draft/refusal.ts';
import { ANYONE, allOf, notOf, prefixed } from '../draft/selectors.ts';
import { type Entry, judgeStage, meetStages, type Outcome } from '../draft/stages.ts';
import { ALL_TRAFFIC } from '../draft/traffic.ts';
import type { Imported } from '../imported.ts';
import type { Surroundings } from './clauses.ts';
import { type Flattening, flatten } from './flatten.ts';
import type { Chain, Family, Hook, Ruleset, Table } from './ruleset.ts';

export interface FirewallOptions {
  /** The firewall's own addresses. */
  readonly self?: readonly Prefix[];
  /** Ends behind each interface. */
  readonly interfaces?: ReadonlyMap<string, Selector>;
  /** Zone in which the text states hours. */
  readonly timezone?: string;
}

/** Element that stands for the firewall itself. */
export const HOST = 'this-host';
const HOOKS: readonly Hook[] = ['input', 'forward', 'output'];

export function importRuleset(
  ruleset: Ruleset,
  options: FirewallOptions,
  { files, isLocalTime }: { readonly files: string; readonly isLocalTime: boolean },
): Imported | Problem {
  const draft = new Draft();
  const self = options.self ?? [];
  draft.addElement({ id: draft.idFor(HOST), kind: 'server', addresses: self });
  for (const { place, what, why } of ruleset.asides) draft.drop(place, what, why);
  const around: Surroundings = { interfaces: options.interfaces ?? new Map(), timezone: options.timezone ?? 'UTC' };
  for (const hook of HOOKS)
    for (const version of versionsOn(ruleset, hook)) {
      const outcome = judgeHook(ruleset, { hook, version, draft, around, self });
      if (outcome === null)
        return refusal(TOO_LARGE, `the chains on ${hook} come to too many rules, or lie too deep inside each other`);
      draft.addOutcome(outcome);
    }
  if (isLocalTime && options.timezone === undefined && draft.hasHours)
    draft.ask(
      'In which time zone did nft print the hours? They were taken in UTC; give another with --timezone Europe/Berlin.',
    );
  tellGeneral(draft, self);
  return draft.finish(`a packet filter (${files})`, around.timezone);
}

/** One judging for both families where the same chains hold both. */
function versionsOn({ tables }: Ruleset, hook: Hook): readonly Family[] {
  const isMixed = tables.some(
    ({ family, chains }) => family !== 'both' && [...chains.values()].some((chain) => chain.hook === hook),
  );
  return isMixed ? [4, 6] : ['both'];
}

interface HookFacts {
  readonly hook: Hook;
  readonly version: Family;
  readonly draft: Draft;
  readonly around: Surroundings;
  readonly self: readonly Prefix[];
}

/** Null where the chains are too many. */
function judgeHook({ tables }: Ruleset, facts: HookFacts): Outcome | null {
  const { hook, version, draft } = facts;
  const chains = tables
    .filter(({ family }) => family === 'both' || version === 'both' || family === version)
    .flatMap((table) =>
      [...table.chains.values()].filter((chain) => chain.hook === hook).map((chain) => ({ table, chain })),
    )
    .toSorted((a, b) => a.chain.priority - b.chain.priority);
  if (chains.length === 0) {
    draft.drop(
      version === 'both' ? hook : `IPv${version} ${hook}`,
      'no chain holds it',
      'where traffic takes this way, the firewall lets everything pass and the policy nothing, so it permits less',
    );
    return EMPTY;
  }
  const stages: Outcome[] = [];
  for (const { table, chain } of chains) {
    const entries = entriesOf(table, chain, facts);
    if (entries === null) return null;
    stages.push(judgeStage(entries, facts.self));
  }
  return meetStages(stages);
}

const EMPTY: Outcome = { permits: [], never: [], losses: [] };

function entriesOf(table: Table, chain: Chain, { hook, version, draft, around }: HookFacts): readonly Entry[] | null {
  const flattening: Flattening = {
    draft,
    table,
    around,
    entries: [],
    isOver: false,
    steps: 0,
    acceptsEstablished: false,
  };
  flatten(chain, spaceOf(hook, version), flattening);
  if (flattening.isOver) return null;
  if (chain.isPolicyDrop && !flattening.acceptsEstablished)
    draft.drop(
      `chain ${chain.name}`,
      'no rule accepts all packets of connections that exist',
      'the firewall may deny answers that Picket lets through with their session, so the policy permits more',
    );
  return flattening.entries;
}

/** Connections that meet a hook. One end of the right family is enough: both ends of a connection have the same. */
function spaceOf(hook: Hook, version: Family): Box {
  const host: Selector = { kind: 'element', id: HOST };
  const family = version === 'both' ? ANYONE : prefixed(everyAddress(version));
  const from = hook === 'output' ? host : notOf(host);
  const to = hook === 'input' ? host : notOf(host);
  const origin = { id: hook, place: `hook ${hook}`, why: null };
  return { from: allOf([from, family]), to, traffic: ALL_TRAFFIC, limits: null, origin };
}

function tellGeneral(draft: Draft, self: readonly Prefix[]): void {
  draft.drop(
    'every chain',
    'rules for established and related connections',
    'Picket lets a session go on by itself; connections that a helper expects (FTP data) need a rule, so the policy permits less there',
  );
  draft.drop(
    'every chain',
    'the host with itself (lo), multicast and broadcast to the host',
    'it is no connection between two ends, so the policy permits less',
  );
  if (self.length > 0) return;
  draft.ask(
    `Which addresses has the firewall itself? Give them with --self 10.0.2.1, or write them into the element ${HOST}.`,
  );
  draft.drop(
    'every forward chain',
    'that it does not hold for the firewall itself',
    `it cannot be told apart before the element ${HOST} has its addresses; until then the policy permits more towards the firewall`,
  );
}
