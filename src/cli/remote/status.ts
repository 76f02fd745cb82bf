// A domain at one look: how its controller is, the policy in force and what waits, its agents, and what somebody should look at. What is not well comes first.

import type { ReceivedOf, Routes } from '#routes';
import type { Desk } from '../context.ts';
import { EXIT, type Exit } from '../exits.ts';
import { fact } from '../live/status-print.ts';
import { clockText, listText, whenText } from '../live/words.ts';
import { counted, countText, safeText } from '../output/text.ts';
import { answeredBy } from './asking.ts';
import { placeOf } from './change.ts';
import type { Controller, RemoteFlags } from './controller.ts';
import { pagesOf } from './pages.ts';

type Agent = ReceivedOf<Routes['agents']['list']['answer']>['items'][number];
type Finding = ReceivedOf<Routes['findings']['list']['answer']>['items'][number];
type Policy = ReceivedOf<Routes['policies']['show']['answer']>;
type Quarantine = ReceivedOf<Routes['quarantines']['list']['answer']>['items'][number];
type Health = ReceivedOf<Routes['health']['states']['answer']>;

/** More of one kind is no longer one look: counts say "more than" from here on. */
const COUNTED_MAX = 10_000;
/** Rows told one by one; a list of its own shows the rest. */
const SHOWN_MAX = 12;

interface Tally<Row> {
  readonly items: readonly Row[];
  readonly isCut: boolean;
}

export interface DomainStatus {
  readonly domain: string;
  readonly url: string;
  readonly health: Health;
  readonly policy: Omit<Policy, 'text'>;
  readonly agents: Tally<Agent>;
  readonly findings: Tally<Finding>;
  readonly quarantines: Tally<Quarantine>;
  readonly inbox: Tally<unknown>;
  readonly proposals: Tally<unknown>;
}

interface StatusFlags extends RemoteFlags {
  readonly json?: boolean;
}

export async function statusAt(desk: Desk, flags: StatusFlags, controller: Controller): Promise<Exit> {
  const status = await domainStatus(desk, controller);
  if (flags.json === true) desk.paper.line(JSON.stringify(dataOf(status)));
  else printDomainStatus(desk, status, placeOf(flags));
  return EXIT.done;
}

async function domainStatus(desk: Desk, { client, routes, domain, context }: Controller): Promise<DomainStatus> {
  const params = { domain: domain() };
  const { value: health } = await answeredBy(desk, client.call(routes.health.states, {}));
  const { value } = await answeredBy(desk, client.call(routes.policies.show, { params }));
  const { text: _, ...policy } = value;
  const agents = await pagesOf(desk, (query) => client.call(routes.agents.list, { params, query }), COUNTED_MAX);
  const findings = await pagesOf(
    desk,
    (query) => client.call(routes.findings.list, { params, query: { ...query, state: 'open' } }),
    COUNTED_MAX,
  );
  const quarantines = await pagesOf(desk, (query) => client.call(routes.quarantines.list, { params, query }));
  const inbox = await pagesOf(desk, (query) => client.call(routes.elements.newcomers, { params, query }), COUNTED_MAX);
  const proposals = await pagesOf(
    desk,
    (query) => client.call(routes.proposals.list, { params, query: { ...query, state: 'open' } }),
    COUNTED_MAX,
  );
  return { domain: params.domain, url: context.url, health, policy, agents, findings, quarantines, inbox, proposals };
}

/** Counts where a list of its own has the rows; rows of what is wrong. */
function dataOf({ domain, url, health, policy, agents, findings, quarantines, inbox, proposals }: DomainStatus) {
  const bySeverity = countsBy(findings.items, ({ severity }) => severity);
  return {
    schema: 'picket.domain-status/v1',
    domain,
    url,
    controller: health,
    policy,
    agents: {
      count: agents.items.length,
      isCut: agents.isCut,
      states: Object.fromEntries(countsBy(agents.items, ({ state }) => state)),
      behind: agents.items.filter(({ state }) => state !== 'applied'),
    },
    findings: { alarm: bySeverity.get('alarm') ?? 0, note: bySeverity.get('note') ?? 0, isCut: findings.isCut },
    quarantines: quarantines.items,
    inbox: { count: inbox.items.length, isCut: inbox.isCut },
    proposals: { count: proposals.items.length, isCut: proposals.isCut },
  };
}

/** `place` leads the commands that are named to the same controller. */
export function printDomainStatus(desk: Pick<Desk, 'io' | 'paper'>, status: DomainStatus, place = ''): void {
  const { domain, url, health, policy, agents, quarantines } = status;
  desk.paper.line(`${safeText(domain)} at ${safeText(url)}`);
  for (const { severity, code, message, help } of health.states)
    fact(
      desk,
      severity === 'error' ? 'FAILED' : 'ATTENTION',
      `${message} [${code}]${help === null ? '' : `: ${help}`}`,
    );
  fact(desk, 'controller', `${health.status}, version ${health.version}`);
  for (const [name, text] of policyFacts(policy, place)) fact(desk, name, text);
  fact(desk, 'elements', elementsText(status, place));
  fact(desk, 'agents', agentsText(agents, place));
  for (const agent of agents.items.filter(({ state }) => state !== 'applied').slice(0, SHOWN_MAX))
    fact(desk, '', agentText(agent));
  fact(desk, 'findings', findingsText(status, place));
  for (const { element, until, reason, by } of quarantines.items.slice(0, SHOWN_MAX))
    fact(desk, 'quarantine', `${element} until ${until === null ? 'released' : whenText(until)}: ${reason} (by ${by})`);
  const more = quarantines.items.length - SHOWN_MAX;
  if (more > 0) fact(desk, '', `and ${countText(more)} more: picket elements ls${place}`);
  if (status.proposals.items.length > 0)
    fact(desk, 'proposals', `${tallyText(status.proposals)} to decide on: picket proposals ls${place}`);
}

function policyFacts(
  { revision, mode, rules, services, pending }: DomainStatus['policy'],
  place: string,
): readonly (readonly [string, string])[] {
  const why = revision.why === '' ? '' : ` (${revision.why})`;
  const size = `${counted(rules, 'rule')}, ${counted(services, 'service')}; new elements ${mode}`;
  const first = ['policy', `revision ${revision.revision} by ${revision.by}${why}; ${size}`] as const;
  if (pending === null) return [first];
  const who = pending.needsSecond ? 'another approver confirms it' : `${pending.by} confirms it from a new session`;
  const waits = `revision ${pending.revision} by ${pending.by} reverts to ${pending.revertsTo} at ${clockText(pending.deadline)} unless ${who}: picket policy confirm${place}`;
  return [first, ['WAITING', waits]];
}

function elementsText({ policy: { elements }, inbox }: DomainStatus, place: string): string {
  const modes = `${countText(elements.observe)} observe, ${countText(elements.protect)} protect, ${countText(elements.enforce)} enforce`;
  return inbox.items.length === 0 ? modes : `${modes}; ${tallyText(inbox)} new: picket elements ls --new${place}`;
}

/** What is wrong comes before what is well. */
const STATES = ['failed', 'reverted', 'local', 'stale', 'away', 'applying', 'applied'] as const;

function agentsText({ items, isCut }: Tally<Agent>, place: string): string {
  if (items.length === 0) return `none has joined: picket tokens enrol${place} makes a link for one`;
  const counts = countsBy(items, ({ state }) => state);
  const states = STATES.flatMap((state) => {
    const count = counts.get(state) ?? 0;
    return count === 0 ? [] : [`${countText(count)} ${state}`];
  });
  const all = (counts.get('applied') ?? 0) === items.length && !isCut;
  return `${states.join(', ')}${isCut ? ', and more' : ''}${all ? '' : `: picket agents ls${place}`}`;
}

/** What an agent holds beside what it should: one that is ahead of its domain is not some of it. */
export function heldText(
  held: string,
  { inForce, currentRevision }: Pick<Agent, 'inForce' | 'currentRevision'>,
): string {
  return `${held}${inForce > currentRevision ? ', and the domain has ' : ' of '}${currentRevision}`;
}

function agentText({ agent, state, inForce, currentRevision, seenAt, problem }: Agent): string {
  const why = problem === null ? '' : `: ${problem.message} [${problem.code}]`;
  const seen = state === 'away' ? `, seen ${whenText(seenAt)}` : '';
  return `${agent} ${state}, holds ${heldText(inForce === 0 ? 'none' : `revision ${inForce}`, { inForce, currentRevision })}${seen}${why}`;
}

function findingsText({ findings }: DomainStatus, place: string): string {
  if (findings.items.length === 0) return 'none open';
  const counts = countsBy(findings.items, ({ severity }) => severity);
  const alarms = counts.get('alarm') ?? 0;
  const notes = counts.get('note') ?? 0;
  const parts = [alarms > 0 ? counted(alarms, 'alarm') : '', notes > 0 ? counted(notes, 'note') : ''];
  const latest = findings.items.filter(({ severity }) => severity === 'alarm').map(({ kind }) => kind);
  const kinds = latest.length === 0 ? '' : ` (${listText([...new Set(latest)], 3)})`;
  const told = parts.filter((part) => part !== '').join(', ');
  return `${told} open${findings.isCut ? ', and more' : ''}${kinds}: picket alerts ls${place}`;
}

function tallyText({ items, isCut }: Tally<unknown>): string {
  return isCut ? `more than ${countText(items.length)}` : countText(items.length);
}

function countsBy<Row, Key>(rows: readonly Row[], key: (row: Row) => Key): ReadonlyMap<Key, number> {
  const counts = new Map<Key, number>();
  for (const row of rows) counts.set(key(row), (counts.get(key(row)) ?? 0) + 1);
  return counts;
}
