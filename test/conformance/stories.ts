// Random stories: a policy and what happens under it, as plain data that can be printed, cut down and told again.

import {
  DAY,
  type Factor,
  HOUR,
  type Instant,
  MILLISECOND,
  MINUTE,
  type Micros,
  type Policy,
  SECOND,
  TCP,
} from '#model';
import { changedPolicy, policyOf, type Setting } from './policies.ts';
import { type Random, randomOf } from './random.ts';
import { CLIENT_PORTS, HOSTS, MACS, NAMES, PLACES, PORTS } from './universe.ts';

export interface Packet {
  readonly kind: 'packet';
  readonly at: Instant;
  readonly source: string;
  readonly destination: string;
  readonly sourceMac: number;
  readonly destinationMac: number;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly bytes: number;
  readonly packets: number;
  readonly packetSize: number;
  readonly tcpFlags: number;
  readonly initiator: 0 | 1 | 2;
  readonly application: string;
  readonly operations: readonly string[];
}

export type Step =
  | Packet
  | {
      readonly kind: 'name';
      readonly at: Instant;
      readonly client: string;
      readonly server: string;
      readonly name: string;
      readonly ttlSeconds: number;
    }
  | {
      readonly kind: 'logon';
      readonly at: Instant;
      readonly element: string;
      readonly factor: Factor;
      readonly since: Instant | null;
    }
  | { readonly kind: 'quarantine'; readonly at: Instant; readonly element: string; readonly isQuarantined: boolean }
  | { readonly kind: 'apply'; readonly at: Instant; readonly policy: Policy }
  | { readonly kind: 'advance'; readonly at: Instant };

export interface Story {
  readonly policy: Policy;
  readonly start: Instant;
  readonly steps: readonly Step[];
}

/** Two ends that talk in this story; each story has few, so that they meet again. */
interface Talk {
  readonly client: { readonly host: string; readonly mac: number; readonly port: number };
  readonly server: { readonly host: string; readonly mac: number; readonly port: number };
  readonly protocol: number;
}

const TALKS = 4;
export const STEPS = 30;
/** Most windows of stories are no shorter than ten seconds; a longer leap would run millions of floors. */
const LEAP_MAX: Micros = 9 * HOUR;

export function storyOf(seed: number): Story {
  const random = randomOf(seed);
  const [zone, near] = random.pick(PLACES);
  const start = near + random.whole(0, 95) * 15 * MINUTE + random.pick([0, 0, 1, SECOND, 17 * SECOND]);
  const setting: Setting = { random, zone, start };
  const policy = policyOf(setting);
  const talks = Array.from({ length: TALKS }, () => talkOf(random));
  const steps: Step[] = [];
  let at = start;
  let current = policy;
  for (let count = 0; count < STEPS; count++) {
    at += gapAfter(random, steps.at(-1));
    const step = stepOf(setting, { at, talks, policy: current });
    if (step.kind === 'apply') current = step.policy;
    steps.push(step);
  }
  return { policy, start, steps };
}

/** After a logon often just so long that it is a minute old: on the limit of `within`. */
function gapAfter(random: Random, last: Step | undefined): Micros {
  const isLogon = last?.kind === 'logon' && last.since !== null;
  const left = isLogon ? MINUTE - (last.at - (last.since ?? last.at)) : 0;
  return left > 0 && random.chance(0.5) ? left : gapOf(random);
}

function gapOf(random: Random): Micros {
  const way = random.whole(0, 19);
  if (way <= 9) return random.pick([MILLISECOND, 100 * MILLISECOND, 500 * MILLISECOND, SECOND, SECOND + 1]);
  if (way <= 14) return random.pick([SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND, 30 * SECOND - 1]);
  if (way <= 16) return random.pick([MINUTE, 3 * MINUTE, 5 * MINUTE]);
  if (way === 17) return random.pick([7_440 * SECOND, 180 * SECOND, 600 * SECOND, 7_440 * SECOND - 1]);
  if (way === 18) return random.whole(1, 4) * HOUR;
  return random.chance(0.1) ? DAY : random.whole(1, LEAP_MAX);
}

function talkOf(random: Random): Talk {
  const protocol = random.pick([6, 6, 6, 6, 6, 17, 17, 1, 132]);
  const hasPorts = protocol === 6 || protocol === 17 || protocol === 132;
  const end = (port: number) => ({
    host: random.pick(HOSTS),
    mac: random.chance(0.3) ? -1 : random.pick(MACS),
    port: hasPorts ? port : -1,
  });
  return { client: end(random.pick(CLIENT_PORTS)), server: end(random.pick(PORTS)), protocol };
}

function stepOf(setting: Setting, more: { at: Instant; talks: readonly Talk[]; policy: Policy }): Step {
  const { random } = setting;
  const { at } = more;
  const talk = more.talks[random.whole(0, more.talks.length - 1)] ?? talkOf(random);
  const element = `e${random.whole(0, 3)}`;
  const way = random.whole(0, 99);
  if (way < 4) return nameOf(random, talk, at);
  if (way < 9) return logonOf(random, element, at);
  if (way < 10) return { kind: 'quarantine', at, element, isQuarantined: random.chance(0.6) };
  if (way < 13) return { kind: 'apply', at, policy: changedPolicy(setting, more.policy) };
  if (way < 15) return { kind: 'advance', at };
  return packetOf(random, talk, at);
}

function nameOf(random: Random, talk: Talk, at: Instant): Step {
  const { client, server } = talk;
  return {
    kind: 'name',
    at,
    client: client.host,
    server: server.host,
    name: random.pick(NAMES),
    ttlSeconds: random.pick([30, 3_600, 9_000]),
  };
}

function logonOf(random: Random, element: string, at: Instant): Step {
  const since = random.chance(0.3)
    ? null
    : at - random.pick([0, 30 * SECOND, MINUTE - 100 * MILLISECOND, MINUTE - SECOND, 20 * MINUTE]);
  return { kind: 'logon', at, element, factor: random.pick(['person', 'device']), since };
}

const FLAGS: readonly [number, ...number[]] = [
  TCP.syn,
  TCP.syn,
  TCP.syn,
  TCP.ack,
  TCP.ack | TCP.psh,
  TCP.ack | TCP.psh,
  TCP.ack | TCP.fin,
  TCP.rst,
  TCP.syn | TCP.ack,
  -1,
];
const BAD_FLAGS: readonly [number, ...number[]] = [
  0,
  TCP.syn | TCP.fin,
  TCP.syn | TCP.rst,
  TCP.syn | TCP.rst | TCP.ack,
];

function packetOf(random: Random, talk: Talk, at: Instant): Packet {
  const isAnswer = random.chance(0.3);
  const source = isAnswer ? talk.server : talk.client;
  const destination = isAnswer ? talk.client : talk.server;
  const isRecord = random.chance(0.08);
  const isFragment = talk.protocol !== 1 && random.chance(0.02);
  const bytes = random.pick([40, 60, 99, 100, 400, 500, 501, 1_000, 1_001, 1_500]);
  const flags = random.chance(0.015) ? random.pick(BAD_FLAGS) : random.pick(FLAGS);
  const synAnswer = isAnswer && flags === TCP.syn && random.chance(0.7) ? TCP.syn | TCP.ack : flags;
  return {
    kind: 'packet',
    at: random.chance(0.04) ? at - random.pick([1, SECOND, HOUR]) : at,
    source: source.host,
    destination: destination.host,
    sourceMac: source.mac,
    destinationMac: destination.mac,
    protocol: talk.protocol,
    sourcePort: isFragment ? -1 : source.port,
    destinationPort: isFragment ? -1 : destination.port,
    bytes,
    packets: isRecord ? random.whole(2, 4) : 1,
    packetSize: isRecord || isFragment ? -1 : bytes,
    tcpFlags: talk.protocol === 6 && !isFragment ? synAnswer : -1,
    initiator: isRecord ? random.pick([0, 1, 2]) : 0,
    application: random.pick(['', '', '', 'tls', 'http', 'unknown']),
    operations: random.chance(0.2)
      ? random.pick([['modbus 1/3'], ['modbus 2/6'], ['mqtt 3'], ['modbus 1/3', 'modbus 2/16']])
      : [],
  };
}
