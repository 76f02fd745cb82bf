// Random conversations between the two sides of a site: what stacks send, in the order in which they would. Not the judging.

import type { Random } from '../conformance/random.ts';
import { type PacketSketch, packetOf } from './packets.testing.ts';
import { PORTS, SIDES } from './random.testing.ts';
import type { Side } from './site.testing.ts';

/** Where a packet comes from: a side of the site, or the gateway machine itself. */
export type Place = Side | 'host';

export interface Step {
  readonly side: Place;
  /** Where it is to come out. */
  readonly other: Place;
  readonly sketch: PacketSketch;
  readonly packet: Uint8Array;
  /** What the capture room would say of the conversation up to this packet. */
  readonly application: string;
  /** Whether the conversation is over when this packet is denied: its sender would not go on. */
  readonly isNeeded: boolean;
}

const HELLO = new Uint8Array([22, 3, 1, 0, 8, 1, 0, 0, 4, 3, 3, 0, 0]);
const OTHER = new TextEncoder().encode('SITE 12345678');

/** Client ports are never used twice in one run: conntrack remembers longer than a story lasts. */
let port = 1_024;

const PLACES: readonly [readonly [Place, Place], ...(readonly [Place, Place])[]] = [
  ['a', 'b'],
  ['b', 'a'],
  ['a', 'b'],
  ['b', 'a'],
  ['a', 'host'],
  ['b', 'host'],
  ['host', 'a'],
  ['host', 'b'],
];

interface Ends {
  readonly side: Place;
  readonly other: Place;
  readonly from: string;
  readonly to: string;
}

/** `talked` holds the pairs that spoke a protocol without ports: conntrack and engine key those differently, so each pair does it once. */
export function conversation(random: Random, talked: Set<string>): readonly Step[] {
  const [side, other] = random.pick(PLACES);
  const version = random.pick([0, 0, 1] as const);
  const from = random.pick(SIDES[side][version] ?? ['10.0.1.1']);
  const to = random.pick(SIDES[other][version] ?? ['10.0.2.1']);
  const ends = { side, other, from, to };
  const kind = random.whole(0, 6);
  if (kind <= 2) return datagrams(random, ends);
  if (kind <= 4) return stream(random, ends);
  const protocol = kind === 5 ? (version === 0 ? 1 : 58) : 253;
  const key = `${protocol} ${[from, to].sort().join(' ')}`;
  if (talked.has(key)) return datagrams(random, ends);
  talked.add(key);
  return kind === 5 ? echoes(random, ends, protocol) : plain(random, ends);
}

function step(
  ends: Ends,
  isForward: boolean,
  sketch: Omit<PacketSketch, 'from' | 'to'>,
  more: Partial<Step> = {},
): Step {
  const whole = { ...sketch, from: isForward ? ends.from : ends.to, to: isForward ? ends.to : ends.from };
  return {
    side: isForward ? ends.side : ends.other,
    other: isForward ? ends.other : ends.side,
    sketch: whole,
    packet: packetOf(whole),
    application: '',
    isNeeded: false,
    ...more,
  };
}

function nextPort(): number {
  port = port >= 60_000 ? 1_024 : port + 1;
  return port;
}

function payloadOf(random: Random): Uint8Array {
  return new Uint8Array(random.pick([1, 36, 72, 73, 172, 272, 273, 500]));
}

function datagrams(random: Random, ends: Ends): readonly Step[] {
  const client = nextPort();
  const service = random.pick([...PORTS, 83, 402] as const);
  return Array.from({ length: random.whole(1, 5) }, (_, at) => {
    const isForward = at === 0 || random.chance(0.6);
    const ports = isForward ? [client, service] : [service, client];
    const [sourcePort = 0, destinationPort = 0] = ports;
    return step(
      ends,
      isForward,
      { protocol: 17, sourcePort, destinationPort, payload: payloadOf(random) },
      { application: 'unknown' },
    );
  });
}

function plain(random: Random, ends: Ends): readonly Step[] {
  return Array.from({ length: random.whole(1, 3) }, (_, at) =>
    step(ends, at === 0 || random.chance(0.5), { protocol: 253, payload: payloadOf(random) }),
  );
}

function echoes(random: Random, ends: Ends, protocol: number): readonly Step[] {
  const [ask, answer] = protocol === 1 ? [8, 0] : [128, 129];
  const icmpId = nextPort();
  return Array.from({ length: random.whole(1, 4) }, (_, at) => {
    const icmpKind = at % 2 === 0 ? ask : answer;
    return step(ends, at % 2 === 0, { protocol, icmpKind, icmpId, payload: payloadOf(random) }, { isNeeded: at === 0 });
  });
}

function stream(random: Random, ends: Ends): readonly Step[] {
  const client = nextPort();
  const service = random.pick(PORTS);
  const out = { protocol: 6, sourcePort: client, destinationPort: service };
  const back = { protocol: 6, sourcePort: service, destinationPort: client };
  const first = random.pick([HELLO, HELLO, OTHER] as const);
  const application = first === HELLO ? 'tls' : 'unknown';
  const opening = [
    step(ends, true, { ...out, flags: 2, sequence: 1_000 }, { isNeeded: true }),
    step(ends, false, { ...back, flags: 18, sequence: 5_000, acknowledged: 1_001 }, { isNeeded: true }),
    step(ends, true, { ...out, flags: 16, sequence: 1_001, acknowledged: 5_001 }),
  ];
  let sent = 1_001;
  let received = 5_001;
  const steps: Step[] = opening.slice(0, random.whole(1, 3));
  if (steps.length < 3) return steps;
  for (let at = random.whole(0, 4); at > 0; at--) {
    const isForward = sent === 1_001 || random.chance(0.5);
    const payload = sent === 1_001 ? first : payloadOf(random);
    const sketch = isForward
      ? { ...out, sequence: sent, acknowledged: received }
      : { ...back, sequence: received, acknowledged: sent };
    steps.push(step(ends, isForward, { ...sketch, flags: 24, payload }, { application, isNeeded: sent === 1_001 }));
    if (isForward) sent += payload.length;
    else received += payload.length;
  }
  return steps;
}
