// `picket collect`: receives NetFlow and IPFIX for a while and writes one line per flow, as a log that picket reads. The socket is bin's.

import { buildCommand } from '@stricli/core';
import { FlowCollector, zeekLine } from '#capture';
import { addressText, parseAddress } from '#model';
import { command, type Desk, type PicketContext } from '../context.ts';
import { EXIT, type Exit } from '../exits.ts';
import { Failure, fileFailure, wrongUsage } from '../failure.ts';
import { description } from '../help.ts';
import { readExports } from '../input/exports.ts';
import { type Appending, FileError, type Listening } from '../io.ts';
import { counted, endText, safeText } from '../output/text.ts';
import { parseTarget } from '../target.ts';
import { durationFlag } from '../times.ts';
import { word } from './parameters.ts';

interface Flags {
  readonly listen: string;
  readonly exporter?: readonly string[];
  readonly for?: string;
  readonly records?: string;
  readonly output?: string;
  readonly read?: string;
}

export const collectCommand = buildCommand<Flags, [], PicketContext>({
  func: command(collect),
  parameters: {
    flags: {
      listen: {
        kind: 'parsed',
        parse: word,
        default: '127.0.0.1:2055',
        brief: 'Receive here; 0.0.0.0:2055 is every address of this host',
        placeholder: 'ADDR:PORT',
      },
      exporter: {
        kind: 'parsed',
        parse: word,
        optional: true,
        variadic: true,
        brief: 'Take datagrams of this sender only; may be given several times',
        placeholder: 'ADDR',
      },
      for: { kind: 'parsed', parse: word, optional: true, brief: 'End after this long: 15min, 12h', placeholder: 'D' },
      records: { kind: 'parsed', parse: word, optional: true, brief: 'End after so many flows', placeholder: 'N' },
      read: {
        kind: 'parsed',
        parse: word,
        optional: true,
        brief: 'Take the datagrams out of a capture instead of the network',
        placeholder: 'FILE',
      },
      output: {
        kind: 'parsed',
        parse: word,
        optional: true,
        brief: 'Add the lines to this file instead of stdout',
        placeholder: 'FILE',
      },
    },
    aliases: { o: 'output' },
  },
  docs: {
    brief: 'Receive flow records (NetFlow, IPFIX) from routers and probes',
    fullDescription: description(
      'Writes one JSON line per flow, both directions together, in the spelling of a Zeek conn log, which every command reads. Ends on Ctrl-C, after --for or after --records. Nothing in a datagram proves who sent it: listen on an inner address and name the senders.',
      [
        { line: 'picket collect --for 1h -o site.log', what: 'what this host exports to itself' },
        {
          line: 'picket collect --listen 10.0.0.5:2055 --exporter 10.0.0.1 -o site.log',
          what: 'what one router sends',
        },
        { line: 'picket collect --read exports.pcap | picket flows -', what: 'flows inside a capture of NetFlow' },
      ],
    ),
  },
});

/** Messages arrive as they are sent, also where a capture recorded them. */
const LIVE = { isLive: true };

/** Where lines go, and how many have gone there. */
interface Out {
  readonly write: (text: string) => void;
  readonly close: () => void;
  readonly recordsMax: number;
  count: number;
}

async function collect(desk: Desk, flags: Flags): Promise<Exit> {
  const recordsMax = recordsOf(flags.records);
  const listening = flags.read === undefined ? await listen(desk, flags) : null;
  try {
    const out = await open(desk, flags.output, recordsMax);
    try {
      return await collectInto(desk, out, { flags, listening });
    } finally {
      out.close();
    }
  } finally {
    listening?.close();
  }
}

async function collectInto(
  desk: Desk,
  out: Out,
  { flags, listening }: { readonly flags: Flags; readonly listening: Listening | null },
): Promise<Exit> {
  const collector: FlowCollector = new FlowCollector((flow) => {
    if (out.count >= out.recordsMax) return;
    out.count++;
    out.write(`${zeekLine(flow, collector.tally.lostRecords + collector.tally.lostMessages)}\n`);
  }, LIVE);
  let isWhole = true;
  if (listening !== null) await receive(desk, { listening, collector, out });
  else isWhole = await readExports(desk, flags.read ?? '-', (datagram) => collector.datagram(datagram));
  collector.end();
  desk.paper.flush();
  const isComplete = tell(desk, { collector, written: out.count, dropped: listening?.dropped ?? 0 });
  return isWhole && isComplete ? EXIT.done : EXIT.partlyDone;
}

async function receive(
  desk: Desk,
  {
    listening,
    collector,
    out,
  }: { readonly listening: Listening; readonly collector: FlowCollector; readonly out: Out },
): Promise<void> {
  while (out.count < out.recordsMax) {
    const arrived = await listening.next();
    if (arrived === null) return;
    if (arrived === 'quiet') collector.quiet(desk.io.now());
    else collector.datagram({ data: arrived.data, exporter: canonical(arrived.from) ?? arrived.from, at: arrived.at });
    // Lines are of use as they come, also to who watches a quiet network.
    desk.paper.flush();
  }
}

async function listen(desk: Desk, flags: Flags): Promise<Listening> {
  const { end: address, port } = parseTarget(flags.listen);
  if (parseAddress(address) === null || port === null)
    throw wrongUsage(
      `cannot listen on "${flags.listen}": an address and a port are needed`,
      'write 127.0.0.1:2055 or [::1]:2055; every address of this host only on demand: 0.0.0.0:2055',
    );
  const welcome = welcomeOf(flags.exporter ?? []);
  const lasts = flags.for === undefined ? null : durationFlag('for', flags.for);
  const isWelcome = (from: string): boolean => welcome.size === 0 || welcome.has(canonical(from) ?? '');
  try {
    const listening = await desk.io.listen({ address, port, lasts, isWelcome });
    const who = welcome.size === 0 ? whoMaySend(address) : `${[...welcome].join(', ')} may send`;
    desk.say(`listening on ${endText(listening.address, listening.port)}: ${who}`);
    return listening;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new Failure({
      code: 'PICKET-I040',
      exit: EXIT.failed,
      message: `cannot listen on ${safeText(flags.listen)}: ${error.message}`,
    });
  }
}

function whoMaySend(address: string): string {
  const isOwn = address.startsWith('127.') || address === '::1';
  return isOwn
    ? 'any program on this host may send'
    : 'whoever reaches this address may send (name them with --exporter)';
}

function welcomeOf(exporters: readonly string[]): ReadonlySet<string> {
  return new Set(
    exporters.map((text) => {
      const address = canonical(text);
      if (address === null) throw wrongUsage(`cannot read "${text}" for --exporter as an address`);
      return address;
    }),
  );
}

/** An address as it is always written; an IPv4 one that comes over IPv6 included. */
function canonical(text: string): string | null {
  const bytes = parseAddress(text.replace(/%.*$/, ''));
  return bytes === null ? null : addressText(bytes);
}

function recordsOf(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw wrongUsage(`cannot read "${text}" for --records as a count`, 'write a whole number above 0');
  return Number(text);
}

async function open(desk: Desk, path: string | undefined, recordsMax: number): Promise<Out> {
  const counts = { recordsMax, count: 0 };
  if (path === undefined || path === '-')
    return { ...counts, write: (text) => desk.paper.write(text), close: () => {} };
  try {
    const file: Appending = await desk.io.append(path);
    return { ...counts, write: file.write, close: file.close };
  } catch (error) {
    throw fileFailure('write', path, error);
  }
}

interface Ending {
  readonly collector: FlowCollector;
  readonly written: number;
  readonly dropped: number;
}

/** Says what was read and what is missing; false when something is known to be missing. */
function tell(desk: Desk, { collector, written, dropped }: Ending): boolean {
  const { messages, records, leftOut, unread, notes, losses } = collector.tally;
  desk.say(`wrote ${counted(written, 'flow')} of ${counted(records, 'record')} in ${counted(messages, 'message')}`);
  if (messages === 0 && unread.size === 0) desk.say('note: nothing that arrived is a message of NetFlow or IPFIX');
  for (const { reason, count } of leftOut) desk.say(`note: ${counted(count, 'record')} left out: ${reason}`);
  for (const [reason, count] of unread) desk.say(`note: ${reason} (${counted(count, 'time')})`);
  for (const note of notes) desk.say(`note: ${note}`);
  const missing = [
    ...losses,
    ...(dropped > 0 ? [`${counted(dropped, 'datagram')} came faster than they could be read`] : []),
  ];
  for (const text of missing) desk.say(`warning[PICKET-I041]: ${text}`);
  return missing.length === 0;
}
