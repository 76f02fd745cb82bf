// `picket policy plan`: which conversations of recorded traffic a changed policy would judge otherwise.

import { buildCommand } from '@stricli/core';
import { AddressTable, type Observation, type Policy, reasonsOf } from '#model';
import { command, type Desk, type PicketContext, tableWidth } from '../../context.ts';
import type { Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { exitOfEnds, type InputEnd, inputsJson, readTraffic } from '../../input/traffic.ts';
import { JsonRows } from '../../output/paper.ts';
import { tableText } from '../../output/table.ts';
import { counted, countText } from '../../output/text.ts';
import { readPolicy } from '../../policy-file.ts';
import type { FlowCount } from '../../replay/flows.ts';
import { Judge } from '../../replay/judge.ts';
import { type PacketPlace, Tally } from '../../replay/tally.ts';
import { addressAndPort, flowText, ruleId, serviceText } from '../../replay/words.ts';
import { JSON_FLAG, word } from '../parameters.ts';

interface Flags {
  readonly traffic?: readonly string[];
  readonly json?: boolean;
}

export const planCommand = buildCommand<Flags, string[], PicketContext>({
  func: command(plan),
  parameters: {
    flags: {
      traffic: {
        kind: 'parsed',
        parse: word,
        variadic: true,
        optional: true,
        brief: 'Capture or log to try both policies on; more may follow it',
        placeholder: 'FILE',
      },
      json: JSON_FLAG,
    },
    positional: {
      kind: 'array',
      minimum: 2,
      parameter: { parse: word, brief: 'the old policy, the new one, and more traffic', placeholder: 'OLD NEW' },
    },
  },
  docs: {
    brief: 'Show which conversations change their verdict',
    customUsage: ['OLD NEW --traffic FILE... [--json]'],
    fullDescription: description(
      'Judges the same traffic by two policies and lists the conversations whose verdict differs. Changes nothing.',
      [
        {
          line: 'picket policy plan policy.yaml new.yaml --traffic week.pcap.gz',
          what: 'what would be denied or permitted from now on',
        },
      ],
    ),
  },
});

type State = 'permitted' | 'recorded' | 'denied';

interface Change {
  readonly before: FlowCount;
  readonly after: FlowCount;
}

interface Plan {
  readonly oldPolicy: Policy;
  readonly newPolicy: Policy;
  readonly addresses: AddressTable;
  readonly flows: number;
  readonly changes: readonly Change[];
  readonly ends: readonly InputEnd[];
}

/** Conversations shown to people; JSON lists all. */
const CHANGES_SHOWN = 40;

async function plan(desk: Desk, flags: Flags, ...words: string[]): Promise<Exit> {
  const [oldPath = '', newPath = '', ...more] = words;
  const files = [...(flags.traffic ?? []), ...more];
  if (files.length === 0)
    throw wrongUsage('--traffic is missing', 'name at least one capture or log to try both policies on');
  const oldPolicy = await readPolicy(desk, oldPath, { isQuiet: true });
  const newPolicy = await readPolicy(desk, newPath);
  const result = await judgeBoth(desk, files, { oldPolicy, newPolicy });
  if (flags.json === true) writeJson(desk, result);
  else print(desk, result);
  return exitOfEnds(result.ends);
}

async function judgeBoth(
  desk: Desk,
  files: readonly string[],
  { oldPolicy, newPolicy }: { readonly oldPolicy: Policy; readonly newPolicy: Policy },
): Promise<Plan> {
  const addresses = new AddressTable();
  const sides = [oldPolicy, newPolicy].map((policy) => ({
    judge: new Judge(policy, addresses),
    tally: new Tally(policy),
  }));
  const take = (observation: Observation, place: PacketPlace): void => {
    for (const { judge, tally } of sides) tally.add(observation, judge.judge(observation), place);
  };
  const ends = await readTraffic(desk, files, {
    addresses,
    order: 'time',
    isInspecting: true,
    begin: (_, input) => ({
      frame: (frame) => {
        if (frame.ipVersion !== 0) take(frame, { number: frame.index, input, isLaterFragment: frame.isLaterFragment });
      },
      record: (observation, { number }) => take(observation, { number, input, isLaterFragment: false }),
      name: (fact) => {
        for (const { judge } of sides) judge.name(fact);
      },
    }),
  });
  // Both sides met the same packets, so their conversations stand in the same order.
  const [before, after] = sides.map(({ tally }) => tally.flows.all());
  const pairs = (before ?? []).flatMap((flow, at) => {
    const other = after?.[at];
    return other === undefined ? [] : [{ before: flow, after: other }];
  });
  const changes = pairs.filter((pair) => isChanged(pair));
  return { oldPolicy, newPolicy, addresses, flows: pairs.length, changes, ends };
}

function isChanged({ before, after }: Change): boolean {
  return before.denied !== after.denied || before.recorded !== after.recorded;
}

function stateOf(flow: FlowCount): State {
  if (flow.denied > 0) return 'denied';
  return flow.recorded > 0 ? 'recorded' : 'permitted';
}

function turnOf({ before, after }: Change): string {
  return `${stateOf(before)} → ${stateOf(after)}`;
}

function turnsOf(changes: readonly Change[]): ReadonlyMap<string, number> {
  const turns = new Map<string, number>();
  for (const change of changes) turns.set(turnOf(change), (turns.get(turnOf(change)) ?? 0) + 1);
  return new Map([...turns].sort(([, a], [, b]) => b - a));
}

function print(desk: Desk, { oldPolicy, newPolicy, addresses, flows, changes }: Plan): void {
  const { paper } = desk;
  paper.line(`another verdict for ${countText(changes.length)} of ${counted(flows, 'conversation')}`);
  for (const [turn, count] of turnsOf(changes)) paper.line(`  ${countText(count)} ${turn}`);
  if (changes.length === 0) return;
  paper.line('');
  const ruleText = (policy: Policy, flow: FlowCount): string => ruleId(policy, flow.rule) ?? 'no rule';
  paper.write(
    tableText(
      changes.slice(0, CHANGES_SHOWN),
      [
        { title: 'conversation', cell: ({ after }) => flowText(newPolicy, addresses, after), droppedAt: 0 },
        { title: 'verdict', cell: turnOf, droppedAt: 0 },
        {
          title: 'packets denied',
          cell: ({ before, after }) => `${countText(before.denied)} → ${countText(after.denied)}`,
          isRight: true,
          droppedAt: 1,
        },
        {
          title: 'rule',
          cell: ({ before, after }) => `${ruleText(oldPolicy, before)} → ${ruleText(newPolicy, after)}`,
          droppedAt: 2,
        },
        {
          title: 'reason',
          cell: ({ before, after }) => reasonsOf(after.reasons || before.reasons).join(', '),
          droppedAt: 3,
        },
      ],
      tableWidth(desk.io),
    ),
  );
  if (changes.length > CHANGES_SHOWN)
    paper.line(`and ${countText(changes.length - CHANGES_SHOWN)} more; --json lists them all`);
}

function writeJson(desk: Desk, { oldPolicy, newPolicy, addresses, flows, changes, ends }: Plan): void {
  const head = {
    schema: 'picket.plan/v1',
    ...inputsJson(ends),
    totals: { conversations: flows, changed: changes.length },
    turns: Object.fromEntries(turnsOf(changes)),
  };
  const rows = new JsonRows(desk.paper, head, 'changes');
  const side = (policy: Policy, flow: FlowCount): object => ({
    verdict: stateOf(flow),
    denied: flow.denied,
    recorded: flow.recorded,
    rule: ruleId(policy, flow.rule),
    reasons: reasonsOf(flow.reasons),
  });
  for (const { before, after } of changes)
    rows.row({
      from: addressAndPort(addresses, after.a, after.aPort),
      to: addressAndPort(addresses, after.b, after.bPort),
      service: serviceText(after),
      packets: after.packets,
      before: side(oldPolicy, before),
      after: side(newPolicy, after),
    });
  rows.end({});
}
