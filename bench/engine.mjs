// Cost of one verdict in a live session: the engine against a plain Map of objects doing only the look-up, and against the reference.

import { Engine, Reference } from '#engine';
import { AddressTable, newObservation, newVerdict } from '#model';
import { parsePolicy } from '#policy';
import { interleaved } from './measure.mjs';

const SESSIONS = 50_000;
const PACKETS = 1_000_000;
const REFERENCE_PACKETS = 2_000;
/** 200 bytes every 20 µs are 80 Mbit/s: all clients, being no elements, share one budget of 100 Mbit/s. */
const MICROS_A_PACKET = 20;

const POLICY = `
picket: 1
mode: enforce
elements:
  hub: { kind: server, address: 10.255.0.1 }
rules:
  all:
    from: 10.0.0.0/9
    to: { on: hub, protocol: udp, port: 1000-60000 }
    limits: { size: 20 - 1500 B, volume: <= 1000 GB per hour, rate: 100 Mbit/s, hours: daily 00:00-24:00 }
`;

export async function bench() {
  const { policy, problems } = parsePolicy(POLICY, 'bench.yaml');
  if (policy === null) throw new Error(problems.map(({ message }) => message).join('; '));
  const addresses = new AddressTable();
  const hub = addresses.intern('10.255.0.1');
  const clients = Array.from({ length: SESSIONS }, (_, at) => addresses.intern4(0x0a000000 + at));
  const engine = new Engine({ policy, addresses, start: 0 });
  const reference = new Reference({ policy, addresses, start: 0 });
  const observation = Object.assign(newObservation(), {
    protocol: 17,
    destination: hub,
    destinationPort: 5000,
    bytes: 200,
    packetSize: 200,
  });
  const verdict = newVerdict();
  let now = 0;
  const judge = (decider, packets) => {
    for (let packet = 0; packet < packets; packet++) {
      now += MICROS_A_PACKET;
      observation.at = now;
      observation.source = clients[(packet * 7919) % SESSIONS];
      observation.sourcePort = 40_000;
      decider.judge(observation, verdict);
      if (verdict.reasons !== 0) throw new Error('the benchmark measures permitted packets only');
    }
  };
  const map = new Map();
  const lookUp = () => {
    for (let packet = 0; packet < PACKETS; packet++) {
      const client = clients[(packet * 7919) % SESSIONS];
      const key = `${client}:40000>${hub}:5000/17`;
      const session = map.get(key) ?? { bytes: 0 };
      session.bytes += 200;
      map.set(key, session);
    }
  };
  const seconds = await interleaved({
    engine: () => judge(engine, PACKETS),
    'map of objects': lookUp,
    reference: () => judge(reference, REFERENCE_PACKETS),
  });
  const perPacket = {
    engine: seconds.engine / PACKETS,
    'map of objects': seconds['map of objects'] / PACKETS,
    reference: seconds.reference / REFERENCE_PACKETS,
  };
  const rows = Object.entries(perPacket).map(([contender, spent]) => ({
    contender,
    'ns a packet': Math.round(spent * 1e9),
    'ratio to engine': (spent / perPacket.engine).toFixed(2),
  }));
  return {
    what: `one verdict in a live session (${SESSIONS} sessions, one rule with hours, size, rate, volume), median of interleaved rounds of CPU time`,
    rows,
  };
}
