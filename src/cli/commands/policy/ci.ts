// `picket policy ci`: a policy reviewed by a build: checked, tested, compared, and put in force after the merge. Never asks anybody.

import { buildCommand } from '@stricli/core';
import { runPolicyTests } from '#engine';
import { SECOND } from '#model';
import { diffPolicies, frameProblems, parsePolicy } from '#policy';
import { appliedBy, type Current, plannedBy, policyInForce } from '../../ci/controller.ts';
import { junitText } from '../../ci/junit.ts';
import { markdownText } from '../../ci/markdown.ts';
import {
  changeText,
  conversationText,
  exceedingText,
  failedTests,
  isSound,
  type Review,
  testOutcome,
} from '../../ci/review.ts';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { readText } from '../../input/source.ts';
import { counted, safeText } from '../../output/text.ts';
import { readPolicy } from '../../policy-file.ts';
import { type Controller, controllerOf, REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { durationFlag } from '../../times.ts';
import { checkOutputs, writeOut } from '../../write.ts';
import { JSON_FLAG, word } from '../parameters.ts';

interface Flags extends RemoteFlags {
  readonly against?: string;
  readonly junit?: string;
  readonly markdown?: string;
  readonly apply?: boolean;
  readonly why?: string;
  readonly confirm?: string;
  readonly json?: boolean;
}

/** `--against` this word is the policy in force at the controller. */
const CONTEXT = 'context';

const FILE = { kind: 'parsed', parse: word, optional: true, placeholder: 'FILE' } as const;

export const ciCommand = buildCommand<Flags, [file: string], PicketContext>({
  func: command(review),
  parameters: {
    flags: {
      against: {
        ...FILE,
        brief: 'Compare with this policy file, or with the one in force: "context"',
        placeholder: 'FILE|context',
      },
      junit: { ...FILE, brief: 'Also write the review as JUnit XML' },
      markdown: { ...FILE, brief: 'Also write the review as Markdown' },
      apply: { kind: 'boolean', optional: true, withNegated: false, brief: 'Put it in force where the review passes' },
      why: { kind: 'parsed', parse: word, optional: true, brief: 'Reason, kept in the history', placeholder: 'TEXT' },
      confirm: {
        kind: 'parsed',
        parse: word,
        optional: true,
        brief: 'Revert after this time unless confirmed; "none" keeps it at once [90s]',
        placeholder: 'TIME',
      },
      ...REMOTE_FLAGS,
      json: JSON_FLAG,
    },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: word, brief: 'policy file; "-" is standard input', placeholder: 'POLICY' }],
    },
  },
  docs: {
    brief: 'Review a policy in a build: check, tests, plan; apply it after the merge',
    fullDescription: description(
      'Exit code 0: it passes. 4: an error, or a test that fails. 5, 6 and 7: not allowed, controller not reached, refused. 8: applied, but not at every agent. What the plan changes fails nothing: whether it is wanted is for whoever reads it.',
      [
        {
          line: 'picket policy ci policy.yaml --against main.yaml --markdown review.md',
          what: 'on a merge request, without a controller',
        },
        {
          line: 'picket policy ci policy.yaml --against context --junit report.xml',
          what: 'with what it would make of recorded traffic',
        },
        { line: 'picket policy ci policy.yaml --apply --confirm none', what: 'after the merge' },
      ],
    ),
  },
});

async function review(desk: Desk, flags: Flags, file: string): Promise<Exit> {
  const { against, apply, junit, markdown } = flags;
  const isFile = against !== undefined && against !== CONTEXT;
  await checkOutputs(desk.io, [junit, markdown], [file, ...(isFile ? [against] : [])]);
  if (apply !== true && (flags.why !== undefined || flags.confirm !== undefined))
    throw wrongUsage('--why and --confirm say how the policy is put in force', 'add --apply, or leave them out');
  const confirmSeconds = confirmOf(flags.confirm);
  const text = await readText(desk.io, file);
  let found = checked(desk, file, text);
  const isRemote = against === CONTEXT || apply === true;
  if (isSound(found) && isFile) found = await compared(desk, found, { against, text });
  if (isSound(found) && isRemote) {
    const controller = await controllerOf(desk, flags);
    const current = await policyInForce(desk, controller);
    const how = { text, file, why: flags.why ?? null, confirmSeconds };
    found = await withController(desk, found, {
      controller,
      current,
      how,
      isPlanned: !isFile,
      isApplied: apply === true,
    });
  }
  await tell(desk, flags, { found, text });
  return exitOf(found);
}

function confirmOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  return text === 'none' ? 0 : Math.ceil(durationFlag('confirm', text) / SECOND);
}

function checked({ io }: Desk, file: string, text: string): Review {
  const { policy, problems } = parsePolicy(text, file);
  const tests = policy === null ? [] : runPolicyTests(policy, { now: io.now() });
  return { file, problems, tests, against: null, changes: [], rehearsed: null, applied: null };
}

async function compared(
  desk: Desk,
  found: Review,
  { against, text }: { readonly against: string; readonly text: string },
): Promise<Review> {
  const before = await readPolicy(desk, against, { isQuiet: true });
  const { policy } = parsePolicy(text, found.file);
  return { ...found, against, changes: policy === null ? [] : diffPolicies(before, policy) };
}

interface Remote {
  readonly controller: Controller;
  readonly current: Current;
  readonly how: {
    readonly text: string;
    readonly file: string;
    readonly why: string | null;
    readonly confirmSeconds: number | null;
  };
  readonly isPlanned: boolean;
  readonly isApplied: boolean;
}

async function withController(desk: Desk, found: Review, remote: Remote): Promise<Review> {
  const { controller, current, how, isPlanned, isApplied } = remote;
  const against = `revision ${current.revision} of ${controller.domain()}`;
  const planned = isPlanned ? { against, ...(await plannedBy(desk, controller, how)) } : {};
  const applied = isApplied ? await appliedBy(desk, controller, { ...how, etag: current.etag }) : null;
  return { ...found, ...planned, applied };
}

async function tell(
  desk: Desk,
  { junit, markdown, json }: Flags,
  { found, text }: { readonly found: Review; readonly text: string },
): Promise<void> {
  if (junit !== undefined) await writeOut(desk, junit, junitText(found, desk.io.now()));
  if (markdown !== undefined) await writeOut(desk, markdown, markdownText(found));
  if (json === true) {
    desk.paper.line(JSON.stringify(jsonOf(found)));
    return;
  }
  if (junit === '-' || markdown === '-') return;
  if (found.problems.length > 0) desk.say(frameProblems(found.problems, text));
  for (const line of linesOf(found)) desk.paper.line(safeText(line));
}

function* linesOf(found: Review): Generator<string> {
  const { tests, against, changes, rehearsed, applied } = found;
  const failed = failedTests(found);
  yield `${found.file}: ${isSound(found) ? 'passes' : 'does not pass'} (${counted(tests.length - failed.length, 'test')} of ${tests.length} hold)`;
  for (const result of failed)
    yield `FAIL  ${found.file}:${result.test.line}: ${result.test.text}: ${testOutcome(result)}`;
  if (against !== null && isSound(found)) {
    yield `against ${against}: ${changes.length === 0 ? 'no difference in meaning' : counted(changes.length, 'change')}`;
    for (const change of changes) yield `  ${changeText(change)}`;
  }
  if (rehearsed !== null) {
    yield `of ${counted(rehearsed.conversations, 'recorded conversation')}, ${rehearsed.deniedConversations} would be denied from now on, ${rehearsed.permittedConversations} permitted`;
    for (const one of rehearsed.denied) yield `  denied (${one.reason}): ${conversationText(one)}`;
    for (const one of rehearsed.permitted) yield `  permitted (${one.rule ?? one.reason}): ${conversationText(one)}`;
    for (const one of rehearsed.exceeding) yield `  ${exceedingText(one)}`;
    for (const one of rehearsed.unjudged) yield `  not known from recorded traffic: ${one}`;
  }
  if (applied === null) return;
  yield applied.revision === null ? 'in force already' : `applied as revision ${applied.revision}`;
  if (applied.deadline !== null)
    yield `it reverts at ${applied.deadline} unless it is confirmed: picket policy confirm`;
  for (const { agent, state, problem } of applied.agents)
    yield `  ${agent}: ${state}${problem === null ? '' : ` (${problem})`}`;
}

function jsonOf(found: Review): object {
  const { file, problems, tests, against, changes, rehearsed, applied } = found;
  return {
    schema: 'picket.policy-ci/v1',
    file,
    isSound: isSound(found),
    problems,
    tests: tests.map(({ test, isPassed, answer }) => ({
      line: test.line,
      text: test.text,
      isPassed,
      verdict: answer.isPermitted ? 'permit' : 'deny',
      rule: answer.rule,
      reasons: answer.reasons.map(({ reason }) => reason),
    })),
    against,
    changes,
    rehearsed,
    applied,
  };
}

function exitOf(found: Review): Exit {
  if (!isSound(found)) return EXIT.policyFailed;
  const agents = found.applied?.agents ?? [];
  return agents.every(({ state }) => state === 'applied') ? EXIT.done : EXIT.partlyDone;
}
