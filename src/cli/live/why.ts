// `picket why --live`: one connection judged three times, by the policy, by the compiled table and by the kernel, which must agree.

import type { Requests, WhyAnswer, WhyOpinion } from '#agent';
import type { Desk } from '../context.ts';
import { EXIT, type Exit } from '../exits.ts';
import { Failure } from '../failure.ts';
import { safeText } from '../output/text.ts';
import { answered } from './asking.ts';
import { agentOf, type PlaceFlags } from './place.ts';

export interface LiveWhy {
  readonly flags: PlaceFlags & { readonly json?: boolean };
  readonly takes: Requests['why']['takes'];
  /** The target as written on the command line. */
  readonly to: string;
}

export async function whyLive(desk: Desk, { flags, takes, to }: LiveWhy): Promise<Exit> {
  const answer = await answered(desk, () => agentOf(desk, flags).ask('why', takes));
  if (flags.json === true) desk.paper.line(JSON.stringify(answer));
  else print(desk, answer, { from: takes.from, to });
  if (answer.doAgree) return EXIT.done;
  throw new Failure({
    code: 'PICKET-A003',
    exit: EXIT.failed,
    message: 'policy, table and kernel do not agree on this connection',
    help: 'please report it with the output of --json; "picket agent stop; picket up" puts the table up anew',
  });
}

function print({ paper }: Desk, answer: WhyAnswer, ends: { readonly from: string; readonly to: string }): void {
  const { intent, compiled, kernel, doAgree } = answer;
  const [first] = intent.reasons;
  const who = `${safeText(ends.from)} ${intent.isPermitted ? 'may' : 'may not'} use ${safeText(ends.to)}`;
  paper.line(`${headOf(intent)}: ${who}`);
  paper.line(`   policy   ${opinionText(intent)}`);
  paper.line(`   table    ${compiled === null ? 'not asked' : opinionText(compiled)}`);
  paper.line(`   kernel   ${kernel === null ? 'not asked' : opinionText(kernel)}`);
  if (compiled !== null || kernel !== null) paper.line(doAgree ? '   They agree.' : '   They do NOT agree.');
  if (intent.steps.length > 0) paper.line('');
  for (const step of intent.steps) paper.line(`   ${safeText(step)}`);
  if (first !== undefined) paper.line(`\nRun "picket explain ${first}" to read more.`);
}

function headOf({ isPermitted, isEnforced, reasons }: WhyOpinion): string {
  if (isPermitted) return 'permitted';
  const [first = 'denied'] = reasons;
  return isEnforced ? `blocked[${first}]` : `recorded[${first}], so it passes`;
}

/** The kernel tells a verdict alone, without reasons or rule. */
function opinionText({ isPermitted, isEnforced, reasons, rule, guardrail }: WhyOpinion): string {
  const by = guardrail === null ? rule : `guardrail ${guardrail}`;
  const whose = by === null ? '' : ` by ${safeText(by)}`;
  if (isPermitted) return `permitted${whose}`;
  const why = reasons.length === 0 ? '' : `: ${reasons.join(', ')}`;
  return `${isEnforced ? 'denied' : 'recorded'}${whose}${why}`;
}
