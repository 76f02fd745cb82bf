// `picket replay`: what a policy would have done to recorded traffic.

import { buildCommand } from '@stricli/core';
import type { Policy } from '#model';
import { command, type Desk, type PicketContext } from '../context.ts';
import type { Exit } from '../exits.ts';
import { wrongUsage } from '../failure.ts';
import { description } from '../help.ts';
import { exitOfEnds, inputsJson } from '../input/traffic.ts';
import { JsonRows } from '../output/paper.ts';
import { counted, safeText } from '../output/text.ts';
import { readPolicy } from '../policy-file.ts';
import { readLabels } from '../replay/labels.ts';
import { noteOnMacs, noteOnVersions } from '../replay/notes.ts';
import { printReplay } from '../replay/print.ts';
import { type Replayed, replay } from '../replay/replay.ts';
import { reportOf } from '../replay/report.ts';
import { DENIED_FLOWS_MAX, deniedFlowJson, deniedFlows, replayHead } from '../replay/result.ts';
import { spanOf } from '../times.ts';
import { checkOutputs, writeOut } from '../write.ts';
import { FILES, FROM_FLAG, JSON_FLAG, POLICY_FLAG, REPORT_FLAG, TO_FLAG, word } from './parameters.ts';

interface Flags {
  readonly policy: string;
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
  readonly report?: string;
  readonly labels?: string;
}

export const replayCommand = buildCommand<Flags, string[], PicketContext>({
  func: command(run),
  parameters: {
    flags: {
      policy: POLICY_FLAG,
      from: FROM_FLAG,
      to: TO_FLAG,
      labels: {
        kind: 'parsed',
        parse: word,
        optional: true,
        brief: 'Labels per packet (number;label) or per flow (Zeek-like table); counts what was caught',
        placeholder: 'FILE',
      },
      report: REPORT_FLAG,
      json: JSON_FLAG,
    },
    aliases: { p: 'policy' },
    positional: FILES,
  },
  docs: {
    brief: 'Judge recorded traffic by a policy',
    customUsage: ['FILE... --policy POLICY [more flags]'],
    fullDescription: description(
      'Runs the files, in the order of time, through the engine and shows what the policy would have denied, and why. Traffic before --from still opens sessions and binds names, but is not counted.',
      [
        { line: 'picket replay site.pcap --policy policy.yaml', what: 'totals, reasons, rules and denied flows' },
        { line: 'picket replay site.pcap --policy policy.yaml --report replay.html', what: 'also a page to look at' },
        {
          line: 'picket replay attack.pcap --policy policy.yaml --labels labels.csv',
          what: 'caught and falsely denied',
        },
      ],
    ),
  },
});

async function run(desk: Desk, flags: Flags, ...files: string[]): Promise<Exit> {
  await checkOutputs(
    desk.io,
    [flags.report],
    [...files, flags.policy, ...(flags.labels === undefined ? [] : [flags.labels])],
  );
  const policy = await readPolicy(desk, flags.policy);
  const span = spanOf(flags, policy.timezone);
  const labels = flags.labels === undefined ? null : await readLabels(desk, flags.labels);
  if (labels?.kind === 'packets' && files.length > 1)
    throw wrongUsage('labels by packet number belong to one capture, but several files are given');
  const result = await replay(desk, files, {
    policy,
    span,
    labels,
    isReporting: flags.report !== undefined,
  });
  try {
    // The file first: a reader of stdout that goes away (`| head`) ends the program.
    if (flags.report !== undefined) await writeReport(desk, flags.report, flags.policy, result);
  } finally {
    if (flags.json === true) writeJson(desk, flags.policy, result);
    else printReplay(desk, result);
    desk.paper.flush();
    tellNotes(desk, policy, result);
  }
  return exitOfEnds(result.ends);
}

function writeJson(desk: Desk, policyPath: string, result: Replayed): void {
  const head = { schema: 'picket.replay/v1', ...inputsJson(result.ends), policy: policyPath, ...replayHead(result) };
  const rows = new JsonRows(desk.paper, head, 'deniedFlows');
  for (const flow of deniedFlows(result.tally).slice(0, DENIED_FLOWS_MAX)) rows.row(deniedFlowJson(result, flow));
  rows.end({});
}

function tellNotes(desk: Desk, policy: Policy, result: Replayed): void {
  const { packets } = result.tally.totals;
  if (packets === 0) desk.say('note: no packet was judged: the input holds no IP traffic in the time asked for');
  const notes = [
    noteOnVersions(policy, { packets, ipv6Packets: result.ipv6Packets }),
    noteOnMacs(policy, { packets, macPackets: result.macPackets }),
    result.scorer?.note(result.ends[0]?.count ?? 0) ?? null,
  ];
  for (const note of notes) if (note !== null) desk.say(note);
}

async function writeReport(desk: Desk, path: string, policyPath: string, result: Replayed): Promise<void> {
  await writeOut(desk, path, reportOf(result, { title: 'Replay', policy: policyPath }));
  if (path !== '-') desk.say(`wrote ${safeText(path)} (${counted(result.tally.totals.packets, 'packet')})`);
}
