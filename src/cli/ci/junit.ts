// A review as JUnit XML, which every build system shows. Pure. Text from a policy is escaped for XML.

import { instantText } from '#model';
import { changeText, conversationText, errorsOf, exceedingText, isSound, type Review, testOutcome } from './review.ts';

interface Case {
  readonly name: string;
  readonly line: number | null;
  /** What failed: one sentence, and more below it. */
  readonly failure: { readonly message: string; readonly text: string } | null;
  readonly out: string | null;
}

interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

export function junitText(review: Review, at: number): string {
  const suites = [checkSuite(review), testsSuite(review), planSuite(review), applySuite(review)].flatMap(
    (suite) => suite ?? [],
  );
  const cases = suites.flatMap((suite) => suite.cases);
  const body = suites.map((suite) => suiteText(suite, review.file, instantText(at))).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="picket policy ci"${counts(cases)}>\n${body}</testsuites>\n`;
}

function checkSuite(review: Review): Suite {
  const { problems } = review;
  const errors = errorsOf(review);
  const texts = problems.map(({ code, message, place, help }) => {
    const where = place === null ? '' : `${place.file}:${place.line}:${place.column}: `;
    return `${where}[${code}] ${message}${help === null ? '' : `\n  help: ${help}`}`;
  });
  const failure = errors.length === 0 ? null : { message: `${errors.length} errors`, text: texts.join('\n') };
  const line = errors[0]?.place?.line ?? null;
  const warnings = failure === null && texts.length > 0 ? texts.join('\n') : null;
  return { name: 'check', cases: [{ name: 'the policy is valid', line, failure, out: warnings }] };
}

function testsSuite({ tests }: Review): Suite | null {
  if (tests.length === 0) return null;
  const cases = tests.map((result) => ({
    name: result.test.text,
    line: result.test.line,
    failure: result.isPassed ? null : { message: testOutcome(result), text: '' },
    out: null,
  }));
  return { name: 'tests', cases };
}

/** A plan fails nothing: whether its changes are wanted is for a person to say. */
function planSuite(review: Review): Suite | null {
  const { against, changes, rehearsed } = review;
  if (against === null || !isSound(review)) return null;
  const changed = changes.length === 0 ? 'no difference in meaning' : changes.map(changeText).join('\n');
  const cases: Case[] = [{ name: `changes against ${against}`, line: null, failure: null, out: changed }];
  if (rehearsed !== null) {
    const denied = rehearsed.denied.map((one) => `denied from now on (${one.reason}): ${conversationText(one)}`);
    const permitted = rehearsed.permitted.map(
      (one) => `permitted from now on (${one.rule ?? one.reason}): ${conversationText(one)}`,
    );
    const exceeding = rehearsed.exceeding.map(exceedingText);
    const unjudged = rehearsed.unjudged.map((one) => `not known from recorded traffic: ${one}`);
    const head = `${rehearsed.conversations} conversations since ${rehearsed.since}: ${rehearsed.deniedConversations} denied, ${rehearsed.permittedConversations} permitted from now on`;
    cases.push({
      name: 'recorded traffic',
      line: null,
      failure: null,
      out: [head, ...denied, ...permitted, ...exceeding, ...unjudged].join('\n'),
    });
  }
  return { name: 'plan', cases };
}

function applySuite({ applied }: Review): Suite | null {
  if (applied === null) return null;
  const put: Case = {
    name: applied.revision === null ? 'in force already' : `revision ${applied.revision}`,
    line: null,
    failure: null,
    out: applied.deadline === null ? null : `reverts at ${applied.deadline} unless it is confirmed`,
  };
  const agents = applied.agents.map(({ agent, state, problem }) => ({
    name: `agent ${agent}`,
    line: null,
    failure: state === 'applied' ? null : { message: problem ?? state, text: '' },
    out: null,
  }));
  return { name: 'apply', cases: [put, ...agents] };
}

function counts(cases: readonly Case[]): string {
  const failures = cases.filter(({ failure }) => failure !== null).length;
  return ` tests="${cases.length}" failures="${failures}" errors="0" skipped="0"`;
}

function suiteText({ name, cases }: Suite, file: string, at: string): string {
  const head = `  <testsuite name="${xml(name)}"${counts(cases)} timestamp="${at.replace(/(\.\d+)?Z$/, '')}">\n`;
  return `${head}${cases.map((one) => caseText(one, name, file)).join('')}  </testsuite>\n`;
}

function caseText({ name, line, failure, out }: Case, suite: string, file: string): string {
  const place = ` file="${xml(file)}"${line === null ? '' : ` line="${line}"`}`;
  const head = `    <testcase classname="policy.${xml(suite)}" name="${xml(name)}"${place}`;
  const inner =
    (failure === null ? '' : `<failure message="${xml(failure.message)}">${xml(failure.text)}</failure>`) +
    (out === null ? '' : `<system-out>${xml(out)}</system-out>`);
  return inner === '' ? `${head}/>\n` : `${head}>${inner}</testcase>\n`;
}

/** XML has no way to write most control characters, nor half a character. */
function xml(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\n\r]|[\p{Cs}\ufffe\uffff]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\r', '&#13;');
}
