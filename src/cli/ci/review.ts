// What a review of a policy finds: its check, its tests, what it changes and what became of it. Data alone; how it is shown is junit.ts and markdown.ts.

import type { TestResult } from '#engine';
import type { Problem } from '#model';
import type { PolicyChange } from '#policy';

/** A conversation whose verdict the policy would change. */
export interface ChangedConversation {
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  readonly port: number | null;
  readonly reason: string;
  readonly rule: string | null;
  readonly openings: number;
}

/** What the policy would make of the recorded traffic. */
export interface Rehearsed {
  readonly since: string;
  readonly conversations: number;
  readonly deniedConversations: number;
  readonly denied: readonly ChangedConversation[];
  readonly permittedConversations: number;
  readonly permitted: readonly ChangedConversation[];
  readonly exceedingConversations: number;
  readonly exceeding: readonly ExceedingConversation[];
  /** What recorded traffic cannot tell of the limits of the policy. */
  readonly unjudged: readonly string[];
}

/** A ceiling stops its busiest recorded hour. */
export interface ExceedingConversation extends Pick<ChangedConversation, 'from' | 'to' | 'protocol' | 'port'> {
  readonly rule: string;
  readonly kind: 'volume' | 'rate';
  readonly hourBytesMax: number;
  readonly hourBytes: number;
}

export interface AgentOutcome {
  readonly agent: string;
  readonly state: 'applied' | 'waiting' | 'failed' | 'away';
  readonly problem: string | null;
}

export interface Applied {
  /** Null where the text was in force already. */
  readonly revision: number | null;
  /** ISO time at which it reverts unless confirmed; null where it is kept. */
  readonly deadline: string | null;
  readonly agents: readonly AgentOutcome[];
}

export interface Review {
  readonly file: string;
  readonly problems: readonly Problem[];
  readonly tests: readonly TestResult[];
  /** What it is compared with, in words; null where it is with nothing. */
  readonly against: string | null;
  readonly changes: readonly PolicyChange[];
  readonly rehearsed: Rehearsed | null;
  readonly applied: Applied | null;
}

export function errorsOf({ problems }: Review): readonly Problem[] {
  return problems.filter(({ severity }) => severity === 'error');
}

export function failedTests({ tests }: Review): readonly TestResult[] {
  return tests.filter(({ isPassed }) => !isPassed);
}

/** Whether it may be merged: no error, and every test holds. */
export function isSound(review: Review): boolean {
  return errorsOf(review).length === 0 && failedTests(review).length === 0;
}

/** `permitted, but you want it blocked because outside-hours`. */
export function testOutcome({ test, answer }: TestResult): string {
  const reasons = answer.reasons.map(({ reason }) => reason).join(', ');
  const came = answer.isPermitted ? `permitted by rule ${answer.rule ?? 'none'}` : `blocked (${reasons})`;
  const because = test.reason === null ? '' : ` because ${test.reason}`;
  return `${came}, but you want it ${test.isExpectedToPermit ? 'permitted' : `blocked${because}`}`;
}

const SIGNS = { added: '+', removed: '-', changed: '~', moved: '>' } as const;

/** `~ rules.stream: from, limits`. */
export function changeText({ section, id, kind, fields, from, to }: PolicyChange): string {
  const what = section === 'policy' ? id : `${section}.${id}`;
  if (kind === 'moved') return `${SIGNS.moved} ${what}: from place ${from} to ${to}`;
  return `${SIGNS[kind]} ${what}${fields.length > 0 && section !== 'policy' ? `: ${fields.join(', ')}` : ''}`;
}

export function exceedingText(one: ExceedingConversation): string {
  const { kind, rule, hourBytes, hourBytesMax } = one;
  return `beyond the ${kind} of ${rule}: ${conversationText(one)}, ${hourBytes} B in an hour that may have ${hourBytesMax} B`;
}

export function conversationText({
  from,
  to,
  protocol,
  port,
}: Pick<ChangedConversation, 'from' | 'to' | 'protocol' | 'port'>): string {
  return `${from} to ${to} ${protocol}${port === null ? '' : `/${port}`}`;
}
