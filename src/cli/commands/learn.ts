// `picket learn`: traffic in, a tight readable policy out, with the evidence for every rule.

import { buildCommand } from '@stricli/core';
import { Learner, type Proposal } from '#learn';
import { AddressTable } from '#model';
import { printPolicy } from '#policy';
import { command, type Desk, type PicketContext } from '../context.ts';
import { EXIT, type Exit } from '../exits.ts';
import { Failure, wrongUsage } from '../failure.ts';
import { description } from '../help.ts';
import { ElementWatch } from '../input/element-watch.ts';
import { exitOfEnds, type InputEnd, inputsJson, readTraffic, type Taker, untoldText } from '../input/traffic.ts';
import { counted, safeText, shellWord } from '../output/text.ts';
import { replay } from '../replay/replay.ts';
import { reportOf } from '../replay/report.ts';
import { type Span, spanOf } from '../times.ts';
import { checkOutputs, writeOut } from '../write.ts';
import { FILES, FROM_FLAG, JSON_FLAG, OUTPUT_FLAG, REPORT_FLAG, TO_FLAG, word } from './parameters.ts';

interface Flags {
  readonly element?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly timezone: string;
  readonly pool?: boolean;
  readonly setup: 'exclude' | 'mark' | 'keep';
  readonly output?: string;
  readonly json?: boolean;
  readonly report?: string;
}

export const learnCommand = buildCommand<Flags, string[], PicketContext>({
  func: command(learn),
  parameters: {
    flags: {
      element: {
        kind: 'parsed',
        parse: word,
        variadic: true,
        optional: true,
        brief: 'Learn this MAC or address only; may be given several times',
        placeholder: 'MAC|IP',
      },
      from: FROM_FLAG,
      to: TO_FLAG,
      timezone: {
        kind: 'parsed',
        parse: word,
        default: 'UTC',
        brief: 'IANA zone of hours and days',
        placeholder: 'ZONE',
      },
      pool: { kind: 'boolean', optional: true, withNegated: false, brief: 'Equal devices share one set of rules' },
      setup: {
        kind: 'enum',
        values: ['exclude', 'mark', 'keep'],
        default: 'mark',
        brief: 'Traffic seen only while a device was set up',
      },
      output: OUTPUT_FLAG,
      report: REPORT_FLAG,
      json: JSON_FLAG,
    },
    aliases: { o: 'output', e: 'element' },
    positional: FILES,
  },
  docs: {
    brief: 'Learn a policy from recorded traffic',
    customUsage: ['FILE... [-o policy.yaml] [--element MAC|IP]... [more flags]'],
    fullDescription: description(
      'Reads captures and logs in the order of time and proposes rules per element: services, names, hours, volumes, sizes. Every rule carries its evidence as a comment. A proposal is yours to read and change; nothing is enforced by it.',
      [
        { line: 'picket learn site.pcap -o policy.yaml', what: 'then: picket replay site.pcap --policy policy.yaml' },
        { line: 'picket learn --element 02:42:ac:11:00:05 week.pcap.gz', what: 'one device, printed' },
        { line: 'picket learn --to 2021-03-13 --timezone Europe/Berlin week.pcap.gz', what: 'the first days only' },
      ],
    ),
  },
});

async function learn(desk: Desk, flags: Flags, ...files: string[]): Promise<Exit> {
  checkZone(flags.timezone);
  if (flags.report !== undefined && files.includes('-'))
    throw wrongUsage('--report reads the traffic a second time, and standard input can be read only once');
  const span = spanOf(flags, flags.timezone);
  await checkOutputs(desk.io, [flags.output, flags.report], files);
  const { ends, proposal } = await learnFrom(desk, files, { flags, span });
  const text = printPolicy(proposal.policy, withInput(proposal.comments, ends));
  // Files first: a reader of stdout that goes away (`| head`) ends the program.
  if (flags.output !== undefined) await writeOut(desk, flags.output, text);
  if (flags.report !== undefined) await report(desk, flags.report, { files, proposal, span });
  if (flags.json === true) desk.paper.line(JSON.stringify(proposalJson(proposal, ends, text)));
  else if (flags.output === undefined) desk.paper.exact(text);
  tell(desk, proposal, { flags, files, untold: untoldText(ends) });
  return exitOfEnds(ends);
}

function checkZone(zone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    throw wrongUsage(`there is no time zone "${zone}"`, 'write an IANA name, for instance Europe/Berlin or UTC');
  }
}

interface Learned {
  readonly ends: readonly InputEnd[];
  readonly proposal: Proposal;
}

async function learnFrom(
  desk: Desk,
  files: readonly string[],
  { flags, span }: { readonly flags: Flags; readonly span: Span },
): Promise<Learned> {
  const addresses = new AddressTable();
  const watch = new ElementWatch(flags.element ?? [], addresses);
  const learner = new Learner({
    addresses,
    timezone: flags.timezone,
    isPooling: flags.pool === true,
    setup: flags.setup,
    ...(flags.element === undefined ? {} : { elements: flags.element }),
    ...(flags.from === undefined ? {} : { from: span.from }),
    ...(flags.to === undefined ? {} : { to: span.to }),
  });
  let seen = 0;
  let refused = 0;
  const begin = (): Taker => ({
    frame: (frame) => {
      if (frame.ipVersion === 0) return;
      learner.observe(frame);
      if (frame.at < span.from || frame.at >= span.to) return;
      seen++;
      watch.see(frame);
    },
    record: (observation, { isRefused }) => {
      // What a firewall refused is no normal traffic, however often it was tried.
      if (isRefused) {
        refused++;
        return;
      }
      learner.observe(observation);
      if (observation.at < span.from || observation.at >= span.to) return;
      seen++;
      watch.see(observation);
    },
    name: (fact) => learner.name(fact),
  });
  const ends = await readTraffic(desk, files, {
    addresses,
    begin,
    order: 'time',
    isInspecting: true,
  });
  if (refused > 0) desk.say(`note: ${counted(refused, 'record')} of refused traffic left out: it is nothing to permit`);
  if (seen === 0) throw noTraffic();
  watch.check();
  return { ends, proposal: learner.finish() };
}

function noTraffic(): Failure {
  return new Failure({
    code: 'PICKET-I012',
    exit: EXIT.failed,
    message: 'cannot learn: the input holds no IP traffic in the time asked for; no policy was written',
  });
}

/** A policy learned from half an input, or from one that cannot tell everything, says so at its top: it must not pass for a whole one. */
function withInput(comments: Proposal['comments'], ends: readonly InputEnd[]): ReadonlyMap<string, readonly string[]> {
  const broken = ends.filter(({ isComplete }) => !isComplete);
  const untold = untoldText(ends);
  const lines = broken.map(({ file, damage }) => `INCOMPLETE INPUT: ${file}: ${damage ?? ''}`);
  if (untold !== null) lines.push(untold);
  if (lines.length === 0) return comments;
  return new Map([...comments, ['', [...lines, ...(comments.get('') ?? [])]]]);
}

function proposalJson(proposal: Proposal, ends: readonly InputEnd[], text: string): object {
  return {
    schema: 'picket.learn/v1',
    ...inputsJson(ends),
    elements: proposal.policy.elements.map(({ id }) => id),
    rules: proposal.policy.rules.map(({ id }) => id),
    evidence: proposal.evidence,
    notes: proposal.notes,
    policy: text,
  };
}

function tell(
  desk: Desk,
  { policy, notes }: Proposal,
  {
    flags,
    files,
    untold,
  }: { readonly flags: Flags; readonly files: readonly string[]; readonly untold: string | null },
): void {
  for (const note of notes) desk.say(`note: ${note}`);
  if (untold !== null) desk.say(`note: ${untold}`);
  if (flags.output === undefined || flags.output === '-') return;
  const sizes = `${counted(policy.rules.length, 'rule')} for ${counted(policy.elements.length, 'element')}`;
  const again = files.length > FILES_REPEATED ? 'FILE...' : files.map(shellWord).join(' ');
  desk.say(
    `wrote ${safeText(flags.output)}: ${sizes}. Next: picket replay ${again} --policy ${shellWord(flags.output)}`,
  );
}

/** Files named again in the line that says what to do next. */
const FILES_REPEATED = 3;

async function report(
  desk: Desk,
  path: string,
  { files, proposal, span }: { readonly files: readonly string[]; readonly proposal: Proposal; readonly span: Span },
): Promise<void> {
  const result = await replay(desk, files, { policy: proposal.policy, span, labels: null, isReporting: true });
  await writeOut(desk, path, reportOf(result, { title: 'Learned policy', policy: 'the learned policy' }));
  if (path !== '-') desk.say(`wrote ${safeText(path)}`);
}
