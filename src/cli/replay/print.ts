// A replay in words for a terminal: totals, reasons, rules, then the denied conversations. Bounded; JSON has everything.

import { REASONS, reasonsOf } from '#model';
import type { Desk } from '../context.ts';
import { tableWidth } from '../context.ts';
import { tableText } from '../output/table.ts';
import { bytesText, counted, countText, localTimeText, percentText, protocolText, safeText } from '../output/text.ts';
import type { Denial, FlowCount } from './flows.ts';
import { deniedFlows, type ReplayParts } from './result.ts';
import type { Score } from './score.ts';
import { endsText, firstReasonOf, guardrailId, measuredText, ruleId, serviceText } from './words.ts';

const RULES_SHOWN = 40;
const GROUPS_SHOWN = 30;
const UNSEEN_SHOWN = 10;

export function printReplay(desk: Desk, parts: ReplayParts): void {
  const { paper } = desk;
  const { tally, judge } = parts;
  const { totals } = tally;
  const denied = deniedFlows(tally);
  const held = denied.filter((flow) => flow.denied > 0).length;
  paper.line(
    `${counted(totals.packets, 'packet')} (${bytesText(totals.bytes)}) in ${counted(tally.flows.all().length, 'flow')}`,
  );
  paper.line(`denied    ${shareText(totals.denied, totals.packets, 'packet')} in ${counted(held, 'flow')}`);
  if (totals.recorded > 0)
    paper.line(
      `recorded  ${shareText(totals.recorded, totals.packets, 'packet')} in ${counted(denied.length - held, 'more flow')}: would be denied, but no end enforces it`,
    );
  if (judge.alarmCount > 0) paper.line(`alarms    ${counted(judge.alarmCount, 'window')} under the volume floor`);
  printReasons(desk, parts);
  printRules(desk, parts);
  if (parts.scorer !== null) printScores(desk, parts.scorer.packets, parts.scorer.flows());
  printFlows(desk, parts, denied);
}

function shareText(part: number, whole: number, noun: string): string {
  return `${counted(part, noun)} (${percentText(part, whole)})`;
}

function printReasons(desk: Desk, { tally }: ReplayParts): void {
  const rows = REASONS.flatMap((reason, at) => {
    const counts = tally.reasons[at];
    return counts === undefined || counts.denied + counts.recorded === 0 ? [] : [{ reason, ...counts }];
  });
  if (rows.length === 0) return;
  desk.paper.write('\n');
  desk.paper.write(
    tableText(
      rows,
      [
        { title: 'reason', cell: ({ reason }) => reason, droppedAt: 0 },
        { title: 'denied', cell: ({ denied }) => countText(denied), isRight: true, droppedAt: 0 },
        { title: 'recorded', cell: ({ recorded }) => countText(recorded), isRight: true, droppedAt: 1 },
      ],
      tableWidth(desk.io),
    ),
  );
}

function printRules(desk: Desk, parts: ReplayParts): void {
  const { policy, tally } = parts;
  const rows = policy.rules.flatMap((rule, at) => {
    const counts = tally.rules[at];
    return counts === undefined ? [] : [{ id: rule.id, ...counts }];
  });
  const used = rows.filter(({ packets }) => packets > 0);
  const unruled = tally.noRule.packets > 0 ? [{ id: '(no rule)', ...tally.noRule }] : [];
  const shown = [...used.slice(0, RULES_SHOWN), ...unruled];
  const { paper } = desk;
  paper.write('\n');
  if (shown.length > 0)
    paper.write(
      tableText(
        shown,
        [
          { title: 'rule', cell: ({ id }) => id, droppedAt: 0 },
          { title: 'packets', cell: ({ packets }) => countText(packets), isRight: true, droppedAt: 0 },
          { title: 'volume', cell: ({ bytes }) => bytesText(bytes), isRight: true, droppedAt: 2 },
          { title: 'denied', cell: ({ denied }) => countText(denied), isRight: true, droppedAt: 0 },
          { title: 'recorded', cell: ({ recorded }) => countText(recorded), isRight: true, droppedAt: 1 },
        ],
        tableWidth(desk.io),
      ),
    );
  if (used.length > RULES_SHOWN) paper.line(`and ${countText(used.length - RULES_SHOWN)} more rules`);
  const idle = rows.length - used.length;
  if (idle > 0) paper.line(`${counted(idle, 'rule')} without traffic`);
  const unseen = policy.elements.filter((_, at) => tally.elements[at]?.packets === 0).map(({ id }) => id);
  if (unseen.length === 0) return;
  const more = unseen.length > UNSEEN_SHOWN ? ` and ${countText(unseen.length - UNSEEN_SHOWN)} more` : '';
  paper.line(
    `${counted(unseen.length, 'element')} without traffic: ${unseen.slice(0, UNSEEN_SHOWN).join(', ')}${more}`,
  );
}

function printScores(desk: Desk, packets: Score, flows: Score | null): void {
  desk.paper.write('\n');
  printScore(desk, 'packet', packets);
  if (flows !== null) printScore(desk, 'labelled flow', flows);
}

function printScore(desk: Desk, noun: string, score: Score): void {
  const { paper } = desk;
  paper.line(
    `caught         ${countText(score.caught)} of ${counted(score.malicious, `malicious ${noun}`)} (${percentText(score.caught, score.malicious)}), missed ${countText(score.missed)}`,
  );
  paper.line(
    `falsely denied ${countText(score.falselyDenied)} of ${counted(score.benign, `benign ${noun}`)} (${percentText(score.falselyDenied, score.benign)})`,
  );
  if (score.unlabelled > 0) paper.line(`no label       ${counted(score.unlabelled, noun)}`);
}

/** Denied flows that read the same: same ends, protocol, reason and rule. */
interface DeniedGroup {
  /** The one with the most denied packets; its first denial is shown. */
  readonly worst: FlowCount;
  readonly denial: Denial;
  readonly ports: Set<number>;
  flows: number;
  packets: number;
  denied: number;
  reasons: number;
}

function printFlows(desk: Desk, parts: ReplayParts, denied: readonly FlowCount[]): void {
  const groups = groupsOf(parts, denied);
  if (groups.length === 0) return;
  const { paper } = desk;
  const shown = groups.slice(0, GROUPS_SHOWN);
  paper.write('\n');
  for (const group of shown) paper.write(groupText(parts, group));
  const hidden = denied.length - shown.reduce((sum, { flows }) => sum + flows, 0);
  if (hidden > 0) paper.line(`and ${countText(hidden)} more denied flows; --json lists them all`);
}

function groupsOf(parts: ReplayParts, denied: readonly FlowCount[]): readonly DeniedGroup[] {
  const groups = new Map<string, DeniedGroup>();
  for (const flow of denied) {
    const { denial } = flow;
    if (denial === null) continue;
    const key = `${firstReasonOf(denial)} ${denial.rule} ${denial.guardrail} ${flow.denied > 0} ${endsText(parts.policy, parts.addresses, flow)} ${flow.protocol}`;
    const group = groups.get(key) ?? {
      worst: flow,
      denial,
      ports: new Set(),
      flows: 0,
      packets: 0,
      denied: 0,
      reasons: 0,
    };
    group.ports.add(flow.bPort);
    group.flows++;
    group.packets += flow.packets;
    group.denied += flow.denied > 0 ? flow.denied : flow.recorded;
    group.reasons |= flow.reasons;
    groups.set(key, group);
  }
  return [...groups.values()].sort(
    (x, y) => Number(y.worst.denied > 0) - Number(x.worst.denied > 0) || y.denied - x.denied,
  );
}

function groupText({ policy, addresses }: ReplayParts, group: DeniedGroup): string {
  const { denial, worst } = group;
  const reason = firstReasonOf(denial);
  const also = reasonsOf(group.reasons).filter((one) => one !== reason);
  const guardrail = guardrailId(policy, denial.guardrail);
  const facts = [
    guardrail === null ? `rule ${ruleId(policy, denial.rule) ?? 'none'}` : `guardrail ${guardrail}`,
    measuredText(reason, denial.observed, denial.limit),
    also.length > 0 ? `also ${also.join(', ')}` : '',
    `first ${localTimeText(denial.at)}`,
  ].filter((fact) => fact !== '');
  const inFlows = group.flows > 1 ? ` in ${counted(group.flows, 'flow')}` : '';
  const share = `${countText(group.denied)} of ${counted(group.packets, 'packet')}${inFlows}`;
  const head = `${worst.denied > 0 ? 'blocked' : 'recorded'}[${reason ?? 'unknown'}]`;
  const service =
    group.ports.size > 1
      ? `${protocolText(worst.protocol)} on ${counted(group.ports.size, 'port')}`
      : serviceText(worst);
  return `${head}: ${safeText(endsText(policy, addresses, worst))} ${service}, ${share}\n   ${facts.join(' · ')}\n`;
}
