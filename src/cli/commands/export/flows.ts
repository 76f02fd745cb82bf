// `picket export flows`: recorded conversations of a domain at its controller, all of them, as lines of JSON or CSV. Not a listing: nothing is held.

import { buildCommand } from '@stricli/core';
import { MILLISECOND, REASONS } from '#model';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import type { FilterFlags } from '../../live/flows.ts';
import { counted, safeText } from '../../output/text.ts';
import { answeredBy } from '../../remote/asking.ts';
import { controllerOf, REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { passOn } from '../../remote/download.ts';
import { PAST_FLAGS, type PastFlags, pastOf } from '../../remote/past.ts';
import { filterOf } from '../../remote/records.ts';
import { durationFlag } from '../../times.ts';
import { checkOutputs } from '../../write.ts';
import { OUTPUT_FLAG, word } from '../parameters.ts';

interface Flags extends FilterFlags, PastFlags, RemoteFlags {
  readonly format: 'json' | 'csv';
  readonly until?: string;
  readonly agent?: string;
  readonly output?: string;
}

const OPTIONAL = { kind: 'parsed', parse: word, optional: true } as const;

/** Rows at which a controller ends an export, as the API says. */
const ROWS_MAX = 1_000_000;

export const exportFlowsCommand = buildCommand<Flags, [], PicketContext>({
  func: command(exportFlows),
  parameters: {
    flags: {
      format: {
        kind: 'enum',
        values: ['json', 'csv'],
        default: 'json',
        brief: 'A line of JSON for each row, or CSV for a spreadsheet',
      },
      from: { ...OPTIONAL, brief: 'Only from this element or address', placeholder: 'END' },
      to: { ...OPTIONAL, brief: 'Only to this element or address', placeholder: 'END' },
      rule: { ...OPTIONAL, brief: 'Only of this rule', placeholder: 'RULE' },
      reason: { kind: 'enum', values: REASONS, optional: true, brief: 'Only denied for this reason' },
      denied: { kind: 'boolean', optional: true, withNegated: false, brief: 'Only what was or would be denied' },
      agent: { ...OPTIONAL, brief: 'Only as this agent told', placeholder: 'AGENT' },
      since: { ...PAST_FLAGS.since, brief: 'How far back [1h, or 1d per hour]' },
      until: { ...OPTIONAL, brief: 'Up to how long ago [now]', placeholder: 'TIME' },
      per: { ...PAST_FLAGS.per, brief: 'Sums of minutes (kept for a week) or hours (kept for a year) [minute]' },
      output: OUTPUT_FLAG,
      ...REMOTE_FLAGS,
    },
    aliases: { o: 'output' },
  },
  docs: {
    brief: 'Write all recorded conversations of a domain',
    fullDescription: description(
      'Asks the controller for what the agents of the domain told, summed per minute or hour, newest first. Rows are passed on as they come; nothing is held in memory. One export ends at a million rows, and says so: go on with --until. The conversations of an agent or a capture: picket flows.',
      [
        { line: 'picket export flows --since 7d -o week.jsonl', what: 'a line of JSON each' },
        {
          line: 'picket export flows --denied --since 30d --per hour --format csv -o denied.csv',
          what: 'for a spreadsheet',
        },
      ],
    ),
  },
});

async function exportFlows(desk: Desk, flags: Flags): Promise<Exit> {
  const query = {
    ...filterOf(flags),
    ...rangeOf(desk, flags),
    ...(flags.agent === undefined ? {} : { agent: flags.agent }),
  };
  const { client, routes, domain } = await controllerOf(desk, flags);
  await checkOutputs(desk.io, [flags.output], []);
  const { format } = flags;
  const asked = client.call(routes.flows.export, { params: { domain: domain() }, query: { ...query, format } });
  const { lines } = await passOn(desk, flags.output, (await answeredBy(desk, asked)).value);
  const rows = Math.max(0, format === 'csv' ? lines - 1 : lines);
  const place = flags.output === undefined || flags.output === '-' ? '' : ` in ${safeText(flags.output)}`;
  desk.say(`${counted(rows, 'row')}${place}`);
  if (rows >= ROWS_MAX) desk.say('note: one export ends here, and there may be older rows; go on with --until');
  return EXIT.done;
}

function rangeOf(desk: Desk, flags: Flags) {
  const past = pastOf(desk, flags);
  if (flags.until === undefined) return past;
  const lasts = durationFlag('until', flags.until);
  if (flags.since === undefined)
    throw wrongUsage('--until needs --since', 'say from when to when: --since 14d --until 7d');
  if (durationFlag('since', flags.since) <= lasts)
    throw wrongUsage('--since has to be longer ago than --until', 'such as --since 14d --until 7d');
  return { ...past, until: new Date(Math.floor((desk.io.now() - lasts) / MILLISECOND)).toISOString() };
}
