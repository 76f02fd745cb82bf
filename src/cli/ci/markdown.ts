// A review as Markdown for a merge request. Pure. Text from a policy stands in code spans, so that it formats, links and mentions nothing.

import { safeText } from '../output/text.ts';
import {
  type ChangedConversation,
  changeText,
  conversationText,
  errorsOf,
  exceedingText,
  failedTests,
  isSound,
  type Review,
  testOutcome,
} from './review.ts';

/** Rows of one list. A comment of a merge request has a bound of its own, and nobody reads more. */
const ROWS_MAX = 50;

export function markdownText(review: Review): string {
  const parts = [
    headText(review),
    ...checkLines(review),
    ...testLines(review),
    ...planLines(review),
    ...applyLines(review),
  ];
  return `${parts.join('\n')}\n`;
}

function headText(review: Review): string {
  const verdict = isSound(review) ? 'passes' : 'does **not** pass';
  return `### Picket: ${code(review.file)} ${verdict}\n`;
}

function checkLines(review: Review): readonly string[] {
  const { problems } = review;
  const errors = errorsOf(review).length;
  const warnings = problems.length - errors;
  const head = `**Check**: ${errors === 0 ? 'valid' : counted(errors, 'error')}${warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`}`;
  const rows = problems.map(({ severity, code: name, message, place, help }) => {
    const where = place === null ? '' : ` line ${place.line}`;
    return `- ${severity} ${code(name)}${where}: ${code(message)}${help === null ? '' : `: ${code(help)}`}`;
  });
  return [head, ...list(rows)];
}

function testLines(review: Review): readonly string[] {
  const { tests } = review;
  if (tests.length === 0) return ['**Tests**: none'];
  const failed = failedTests(review);
  const head = `**Tests**: ${tests.length - failed.length} of ${tests.length} hold`;
  return [
    head,
    ...list(
      failed.map((result) => `- line ${result.test.line}: ${code(result.test.text)}: ${code(testOutcome(result))}`),
    ),
  ];
}

function planLines(review: Review): readonly string[] {
  const { against, changes, rehearsed } = review;
  if (against === null || !isSound(review)) return [];
  const head = `**Changes** against ${code(against)}: ${changes.length === 0 ? 'none in meaning' : changes.length}`;
  const lines = [head, ...list(changes.map((change) => `- ${code(changeText(change))}`))];
  if (rehearsed === null) return lines;
  const { conversations, since, deniedConversations, permittedConversations } = rehearsed;
  const told = `**Recorded traffic**: ${counted(conversations, 'conversation')} since ${code(since)}; ${deniedConversations} would be denied from now on, ${permittedConversations} permitted`;
  return [
    ...lines,
    told,
    ...conversationTable('denied from now on', rehearsed.denied),
    ...conversationTable('permitted from now on', rehearsed.permitted),
    ...list(rehearsed.exceeding.map((one) => `- ${code(exceedingText(one))}`)),
    ...list(rehearsed.unjudged.map((one) => `- not known from recorded traffic: ${code(one)}`)),
  ];
}

function conversationTable(title: string, rows: readonly ChangedConversation[]): readonly string[] {
  if (rows.length === 0) return [];
  const lines = rows
    .slice(0, ROWS_MAX)
    .map((row) => `| ${code(conversationText(row))} | ${code(row.rule ?? row.reason)} | ${row.openings} |`);
  const rest = rows.length - lines.length;
  return [
    '',
    `| ${title} | by | openings |`,
    '|---|---|---:|',
    ...lines,
    ...(rest > 0 ? ['', `and ${rest} more`] : []),
    '',
  ];
}

function applyLines({ applied }: Review): readonly string[] {
  if (applied === null) return [];
  const what = applied.revision === null ? 'in force already' : `revision ${applied.revision}`;
  const reverts = applied.deadline === null ? '' : `; it reverts at ${code(applied.deadline)} unless it is confirmed`;
  const agents = applied.agents.map(
    ({ agent, state, problem }) => `- ${code(agent)}: ${state}${problem === null ? '' : ` (${code(problem)})`}`,
  );
  return [`**Applied**: ${what}${reverts}`, ...list(agents)];
}

function list(rows: readonly string[]): readonly string[] {
  if (rows.length === 0) return [''];
  const rest = rows.length - ROWS_MAX;
  return ['', ...rows.slice(0, ROWS_MAX), ...(rest > 0 ? [`- and ${rest} more`] : []), ''];
}

/** A code span: its fence is longer than any run of backticks within. A pipe would end a table's cell. */
function code(text: string): string {
  const plain = safeText(text).replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = longest > 0 || plain.trim() === '' ? ' ' : '';
  return `${fence}${space}${plain}${space}${fence}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
