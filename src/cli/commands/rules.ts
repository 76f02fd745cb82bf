// `picket rules`: guardrails and rules in the order in which they are judged, of the policy in force here or in a domain.

import { buildCommand } from '@stricli/core';
import { parsePolicy, type RuleWords, rulesInWords } from '#policy';
import { command, type Desk, type PicketContext, tableWidth } from '../context.ts';
import { EXIT, type Exit } from '../exits.ts';
import { Failure } from '../failure.ts';
import { description } from '../help.ts';
import { answered } from '../live/asking.ts';
import { agentOf, type PlaceFlags, SOCKET_FLAG } from '../live/place.ts';
import { fact } from '../live/status-print.ts';
import { whenText } from '../live/words.ts';
import { nearest } from '../output/nearest.ts';
import { type Column, tableText } from '../output/table.ts';
import { countText, safeText } from '../output/text.ts';
import { answeredBy } from '../remote/asking.ts';
import { changedAt } from '../remote/change.ts';
import { type Controller, REMOTE_FLAGS, type RemoteFlags } from '../remote/controller.ts';
import { pagesOf } from '../remote/pages.ts';
import { JSON_FLAG, word } from './parameters.ts';

interface Flags extends PlaceFlags, RemoteFlags {
  readonly json?: boolean;
}

/** How often it was used is known where conversations are recorded: at a controller. */
interface Row extends RuleWords {
  readonly openings?: number;
  readonly denials?: number;
  readonly lastUsed?: string | null;
}

export const rulesCommand = buildCommand<Flags, [rule?: string], PicketContext>({
  func: command(rules),
  parameters: {
    flags: { socket: SOCKET_FLAG, ...REMOTE_FLAGS, json: JSON_FLAG },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: word, brief: 'rule or guardrail; all if not stated', placeholder: 'RULE', optional: true }],
    },
  },
  docs: {
    brief: 'List the rules and guardrails in force, in the order in which they are judged',
    fullDescription: description(
      'Says each rule in one line: who may use what, within which limits. Guardrails come first, since no rule overrides them; then the first rule that matches governs. At a controller it also says how often each was used in the last seven days: a rule that nobody uses can go.',
      [
        { line: 'picket rules', what: 'of the running gateway, or of the domain of the context' },
        { line: 'picket rules cameras-stream', what: 'one of them, as a sentence' },
      ],
    ),
  },
});

async function rules(desk: Desk, flags: Flags, which?: string): Promise<Exit> {
  const controller = await changedAt(desk, flags);
  if (which !== undefined) {
    const rule = await (controller === null ? ruleHere(desk, flags, which) : ruleAt(desk, controller, which));
    if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.rule/v1', rule }));
    else printRule(desk, rule);
    return EXIT.done;
  }
  const { rows, isCut } = await (controller === null ? rulesHere(desk, flags) : rulesAt(desk, controller));
  if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.rules/v1', rules: rows, isCut }));
  else if (rows.length === 0) desk.paper.line('The policy has no rule.');
  else desk.paper.write(tableText(rows, controller === null ? RULES : [...RULES, ...USES], tableWidth(desk.io)));
  if (isCut) desk.say('note: there are more than are listed');
  return EXIT.done;
}

interface Rows {
  readonly rows: readonly Row[];
  readonly isCut: boolean;
}

async function rulesAt(desk: Desk, { client, routes, domain }: Controller): Promise<Rows> {
  const params = { domain: domain() };
  const { items, isCut } = await pagesOf(desk, (query) => client.call(routes.rules.list, { params, query }));
  return { rows: items, isCut };
}

async function ruleAt(desk: Desk, { client, routes, domain }: Controller, rule: string): Promise<Row> {
  return (await answeredBy(desk, client.call(routes.rules.show, { params: { domain: domain(), rule } }))).value;
}

async function rulesHere(desk: Desk, flags: Flags): Promise<Rows> {
  const { text } = await answered(desk, () => agentOf(desk, flags).ask('policy', {}));
  const { policy } = parsePolicy(text, 'the policy in force');
  return { rows: policy === null ? [] : rulesInWords(policy), isCut: false };
}

async function ruleHere(desk: Desk, flags: Flags, which: string): Promise<Row> {
  const { rows } = await rulesHere(desk, flags);
  const found = rows.find(({ id }) => id === which);
  if (found !== undefined) return found;
  const guess = nearest(
    which,
    rows.map(({ id }) => id),
  );
  throw new Failure({
    code: 'PICKET-U004',
    exit: EXIT.notFound,
    message: `the policy has no rule or guardrail "${safeText(which)}"`,
    help: guess === null ? 'picket rules lists them' : `did you mean "${guess}"?`,
  });
}

const RULES: readonly Column<Row>[] = [
  { title: 'rule', cell: ({ id }) => id, droppedAt: 0 },
  { title: 'kind', cell: ({ kind, isAudit }) => (isAudit ? 'audit' : kind), droppedAt: 3 },
  { title: 'from', cell: ({ from }) => from, droppedAt: 0 },
  { title: 'to', cell: ({ to }) => to.join(' or '), droppedAt: 1 },
  { title: 'limits', cell: ({ limits }) => limits ?? '', droppedAt: 4 },
];

const USES: readonly Column<Row>[] = [
  { title: 'used', cell: ({ openings }) => countText(openings ?? 0), droppedAt: 2, isRight: true },
  { title: 'denied', cell: ({ denials }) => countText(denials ?? 0), droppedAt: 5, isRight: true },
  { title: 'last', cell: ({ lastUsed }) => whenText(lastUsed ?? null), droppedAt: 6 },
];

function printRule(desk: Desk, rule: Row): void {
  desk.paper.line(`${safeText(rule.id)}: ${safeText(rule.sentence)}`);
  if (rule.kind !== 'rule') fact(desk, 'guardrail', 'judged before the rules; none overrides it');
  if (rule.owner !== null) fact(desk, 'owner', rule.owner);
  if (rule.why !== null) fact(desk, 'why', rule.why);
  if (rule.openings === undefined) return;
  const last = rule.lastUsed === null || rule.lastUsed === undefined ? '' : `, last ${whenText(rule.lastUsed)}`;
  const denied = (rule.denials ?? 0) === 0 ? '' : `, ${countText(rule.denials ?? 0)} denied by its limits`;
  fact(desk, 'used', `${countText(rule.openings)} times in seven days${last}${denied}`);
}
