// The answer to `picket why` in words and as JSON: verdict, reasons with numbers, rule, and the rail of steps.

import type { Answer, Step } from '#engine';
import { instantText, type Policy } from '#model';
import { ruleSentence } from '#policy';
import { type Desk, tableWidth } from '../context.ts';
import { safeText, wrapLines, zonedText } from '../output/text.ts';
import { measuredText } from './words.ts';

export interface Asked {
  readonly policy: Policy;
  readonly answer: Answer;
  /** As written on the command line. */
  readonly from: string;
  readonly to: string;
}

const MARKS: Readonly<Record<Step['state'], string>> = { ok: '✓', failed: '✕', 'not-limited': '·' };

/** Column at which the facts begin. */
const FACT_INDENT = 12;

export function printAnswer(desk: Desk, { policy, answer, from, to }: Asked): void {
  const { paper } = desk;
  const [first] = answer.reasons;
  if (first === undefined) paper.line(`permitted: ${from} may use ${to}`);
  else if (answer.isEnforced) paper.line(`blocked[${first.reason}]: ${from} may not use ${to}`);
  else paper.line(`recorded[${first.reason}]: ${from} should not use ${to}, but no end enforces it, so it passes`);
  const width = tableWidth(desk.io) - FACT_INDENT;
  const fact = (name: string, text: string): void => {
    const [head = '', ...more] = wrapLines(safeText(text), width);
    paper.line(`   ${name.padEnd(FACT_INDENT - 3)}${head}`);
    for (const line of more) paper.line(' '.repeat(FACT_INDENT) + line);
  };
  fact('at', `${zonedText(answer.at, policy.timezone)} ${policy.timezone}`);
  const rule = policy.rules.find(({ id }) => id === answer.rule);
  if (rule !== undefined) fact('rule', `${rule.id}: ${ruleSentence(rule)}`);
  if (rule?.owner) fact('owner', rule.owner);
  if (answer.guardrail !== null) fact('guard', answer.guardrail);
  for (const { reason, observed, limit } of answer.reasons) {
    // The instant of a closing stands under "at" already.
    const measured =
      reason === 'outside-hours' ? '' : measuredText(reason, observed ?? Number.NaN, limit ?? Number.NaN);
    fact('why', measured === '' ? reason : `${reason}: ${measured}`);
  }
  if (answer.heldBy.length > 0) fact('held by', [...new Set(answer.heldBy)].join(', '));
  if (answer.nextOpening !== null)
    fact('next', `hours open at ${zonedText(answer.nextOpening, policy.timezone)} ${policy.timezone}`);
  paper.line('');
  for (const { step, state, value } of answer.steps) paper.line(`   ${MARKS[state]} ${step.padEnd(12)}${value}`);
  if (first !== undefined) paper.line(`\nRun "picket explain ${first.reason}" to read more.`);
}

export function answerJson({ policy, answer, from, to }: Asked): object {
  const rule = policy.rules.find(({ id }) => id === answer.rule);
  return {
    schema: 'picket.why/v1',
    from,
    to,
    at: instantText(answer.at),
    verdict: answer.isPermitted ? 'permit' : 'deny',
    enforced: answer.isEnforced,
    reasons: answer.reasons,
    rule: answer.rule,
    sentence: rule === undefined ? null : ruleSentence(rule),
    guardrail: answer.guardrail,
    initiator: answer.initiator,
    responder: answer.responder,
    heldBy: answer.heldBy,
    steps: answer.steps,
    nextOpening: answer.nextOpening === null ? null : instantText(answer.nextOpening),
  };
}
