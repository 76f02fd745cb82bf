// `picket why`: one hypothetical connection, judged step by step, by a policy, the policy of a domain, or the running gateway.

import { buildCommand } from '@stricli/core';
import { ask } from '#engine';
import type { Policy, Question } from '#model';
import { parseBytes } from '#policy';
import { command, type Desk, type PicketContext } from '../context.ts';
import { EXIT, type Exit } from '../exits.ts';
import { wrongUsage } from '../failure.ts';
import { description } from '../help.ts';
import { type PlaceFlags, SOCKET_FLAG } from '../live/place.ts';
import { whyLive } from '../live/why.ts';
import { readPolicy } from '../policy-file.ts';
import { proposeEnds, proposeTargets } from '../proposals.ts';
import { LOCAL, REMOTE_FLAGS, type RemoteFlags, remoteOf } from '../remote/controller.ts';
import { policyAt } from '../remote/policy.ts';
import { answerJson, printAnswer } from '../replay/answer.ts';
import { checkEnd, checkService, parseTarget } from '../target.ts';
import { durationFlag, instantFlag } from '../times.ts';
import { JSON_FLAG, POLICY_FLAG, word } from './parameters.ts';

interface Flags extends PlaceFlags, RemoteFlags {
  readonly policy?: string;
  readonly live?: boolean;
  readonly at?: string;
  readonly protocol?: string;
  readonly bytes?: string;
  readonly packetSize?: string;
  readonly application?: string;
  readonly operation?: string;
  readonly logon?: readonly string[];
  readonly json?: boolean;
}

const OPTIONAL = { kind: 'parsed', parse: word, optional: true } as const;

export const whyCommand = buildCommand<Flags, [from: string, to: string], PicketContext>({
  func: command(why),
  parameters: {
    flags: {
      policy: { ...POLICY_FLAG, optional: true },
      live: { kind: 'boolean', optional: true, withNegated: false, brief: 'Ask the running gateway and its kernel' },
      socket: SOCKET_FLAG,
      ...REMOTE_FLAGS,
      at: { ...OPTIONAL, brief: 'When; now if not given', placeholder: 'T' },
      protocol: { ...OPTIONAL, brief: 'tcp, udp, icmp or a number; tcp where a port is given', placeholder: 'P' },
      bytes: { ...OPTIONAL, brief: 'Volume used already in every window', placeholder: 'N' },
      packetSize: { ...OPTIONAL, brief: 'Size of the packet, IP total length', placeholder: 'N' },
      application: { ...OPTIONAL, brief: 'Application by its first bytes, for instance tls', placeholder: 'A' },
      operation: { ...OPTIONAL, brief: 'Operation the packet carries, for instance "modbus 1/5"', placeholder: 'O' },
      logon: {
        ...OPTIONAL,
        variadic: true,
        brief: 'Factor that logged on and how long ago: person=10min',
        placeholder: 'F=AGE',
      },
      json: JSON_FLAG,
    },
    aliases: { p: 'policy' },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: word,
          proposeCompletions: proposeEnds,
          brief: 'element, address, MAC or internet',
          placeholder: 'FROM',
        },
        {
          parse: word,
          proposeCompletions: proposeTargets,
          brief: 'the same or a DNS name, with :PORT or /SERVICE',
          placeholder: 'TO',
        },
      ],
    },
  },
  docs: {
    brief: 'Say why one connection would be permitted or denied',
    customUsage: [
      'FROM TO[:PORT|/SERVICE] --policy POLICY [more flags]',
      'FROM TO[:PORT|/SERVICE] --on NAME [more flags]',
      'FROM TO[:PORT|/SERVICE] --live',
    ],
    fullDescription: description(
      'Judges one connection on the engine and shows every step of the decision. A denial is an answer, so the exit code is 0 either way. With --live the running gateway is asked instead: its policy, its table and its kernel, which must agree. With a context and no --policy, the policy in force in its domain judges.',
      [
        { line: 'picket why camera-1 recorder:554 --policy policy.yaml', what: 'by port, now' },
        {
          line: 'picket why camera-1 recorder/video --policy policy.yaml --at 2026-03-02T23:00',
          what: 'by service, at night',
        },
        { line: 'picket why alice recorder/ssh --policy policy.yaml --logon person=10min', what: 'after a logon' },
        { line: 'picket why camera-1 recorder:554 --on plant', what: 'by the policy in force in a domain' },
        { line: 'picket why camera-1 recorder:554 --live', what: 'here and now, in policy, table and kernel' },
      ],
    ),
  },
});

const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['tcp', 6],
  ['udp', 17],
  ['icmp', 1],
  ['icmpv6', 58],
  ['sctp', 132],
]);

async function why(desk: Desk, flags: Flags, from: string, to: string): Promise<Exit> {
  if (flags.live === true) return live(desk, flags, { from, to });
  const target = parseTarget(to);
  const policy = await policyMeant(desk, flags);
  checkEnd(policy, from);
  checkEnd(policy, target.end);
  if (target.service !== null) checkService(policy, target.service);
  const now = desk.io.now();
  const question: Question = {
    from,
    to: target.end,
    service: target.service,
    protocol: protocolOf(flags.protocol, target.port),
    port: target.port,
    at: { kind: 'instant', instant: flags.at === undefined ? now : instantFlag('at', flags.at, policy.timezone) },
    usedBytes: flags.bytes === undefined ? null : bytesFlag('bytes', flags.bytes),
    packetSize: flags.packetSize === undefined ? null : bytesFlag('packet-size', flags.packetSize),
    application: flags.application ?? null,
    operation: flags.operation ?? null,
    logon: (flags.logon ?? []).map(logonOf),
  };
  const answer = ask(policy, question, now);
  if (flags.json === true) desk.paper.line(JSON.stringify(answerJson({ policy, answer, from, to })));
  else printAnswer(desk, { policy, answer, from, to });
  return EXIT.done;
}

/** A file that is named is meant, whatever the context. */
async function policyMeant(desk: Desk, flags: Flags): Promise<Policy> {
  if (flags.policy !== undefined) {
    if (flags.on !== undefined) throw wrongUsage('--policy and --on name two policies', 'leave one of them away');
    return readPolicy(desk, flags.policy, { isQuiet: true });
  }
  const controller = await remoteOf(desk, flags);
  if (controller === null)
    throw wrongUsage('--policy is missing', 'name a policy, ask the gateway: --live, or a controller: --on NAME');
  return policyAt(desk, controller);
}

/** What only a question on paper can suppose. */
const PAPER_FLAGS = ['policy', 'at', 'bytes', 'packetSize', 'application', 'operation', 'logon'] as const;

function live(desk: Desk, flags: Flags, ends: { readonly from: string; readonly to: string }): Promise<Exit> {
  const other = PAPER_FLAGS.find((name) => flags[name] !== undefined);
  if (flags.on !== undefined && flags.on !== LOCAL)
    throw wrongUsage('--live asks the gateway of this machine, and --on names a controller', 'leave one of them away');
  if (other !== undefined) throw wrongUsage('--live asks what holds now: it takes no policy, time, size or logon');
  const { end, port, service } = parseTarget(ends.to);
  const protocol = protocolOf(flags.protocol, port);
  const takes = {
    from: ends.from,
    to: end,
    ...(service === null ? {} : { service }),
    ...(protocol === null ? {} : { protocol }),
    ...(port === null ? {} : { port }),
  };
  return whyLive(desk, { flags, takes, to: ends.to });
}

function protocolOf(text: string | undefined, port: number | null): number | null {
  if (text === undefined) return port === null ? null : (PROTOCOLS.get('tcp') ?? null);
  const number = PROTOCOLS.get(text.toLowerCase()) ?? (/^\d{1,3}$/.test(text) ? Number(text) : Number.NaN);
  if (!(number <= 255))
    throw wrongUsage(
      `cannot read "${text}" for --protocol`,
      'write tcp, udp, icmp, icmpv6, sctp or a number up to 255',
    );
  return number;
}

function bytesFlag(name: string, text: string): number {
  const bytes = /^\d+$/.test(text) ? Number(text) : parseBytes(text);
  if (bytes === null || !Number.isSafeInteger(bytes))
    throw wrongUsage(`cannot read "${text}" for --${name} as a size`, 'write 1500, 64 KiB, 2 GB');
  return bytes;
}

function logonOf(text: string): Question['logon'][number] {
  const [factor = '', age = '0 s', ...rest] = text.split('=');
  if ((factor !== 'person' && factor !== 'device') || rest.length > 0)
    throw wrongUsage(`cannot read "${text}" for --logon`, 'write person=10min or device=5min');
  return { factor, age: durationFlag('logon', age) };
}
