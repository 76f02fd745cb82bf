// The imported policy against a plain reading of RFC 8520: random entries, random openings. What the policy permits the file permits;
// what the file permits and the policy does not is an answer that the file lets begin nothing.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type PortRange, parsePrefix } from '#model';
import { type Ace, type Connection, imported, mudText, permits } from './mud.testing.ts';

const DEVICE = '192.168.1.7';
const PEERS = ['192.168.1.2', '192.168.1.9', '203.0.113.1', '203.0.113.200', '239.1.1.1'];
const LOCAL = '192.168.1.0/24';
const HUB = '192.168.1.2';
const PORTS = [1, 22, 80, 443, 50_000, 65_535];

interface Condition {
  readonly peer: 'any' | 'local' | 'hub' | 'one' | 'net';
  readonly protocol: 6 | 17 | 47 | null;
  readonly port: PortRange | null;
  /** Of the end that serves by the writer's mind; the other end's port is never named, which a rule could not say. */
  readonly serves: 'device' | 'peer';
  readonly initiated: boolean;
  readonly isAccepting: boolean;
}

const condition: fc.Arbitrary<Condition> = fc.record({
  peer: fc.constantFrom('any', 'local', 'hub', 'one', 'net'),
  protocol: fc.constantFrom(6, 17, 47, null),
  port: fc.option(fc.constantFrom({ from: 80, to: 80 }, { from: 1, to: 443 }, { from: 443, to: 65_535 })),
  serves: fc.constantFrom('device', 'peer'),
  initiated: fc.boolean(),
  isAccepting: fc.integer({ min: 0, max: 9 }).map((value) => value > 0),
});

const NETWORKS = { any: null, local: LOCAL, hub: HUB, one: '203.0.113.1', net: '203.0.113.0/24' } as const;

/** Entries in both ways, as a writer who knows who serves would write them. */
function ace(way: 'from' | 'to', { peer, protocol, port, serves, initiated, isAccepting }: Condition): Ace {
  const far = way === 'from' ? 'destination' : 'source';
  const isFarPort = serves === 'peer';
  const side = isFarPort === (way === 'from') ? 'destination-port' : 'source-port';
  const ports = port === null ? {} : { [side]: { 'lower-port': port.from, 'upper-port': port.to } };
  const began = serves === 'peer' ? 'from-device' : 'to-device';
  const network = peer === 'one' || peer === 'net' ? { [`${far}-ipv4-network`]: NETWORKS[peer] } : {};
  const transport =
    protocol === 6
      ? { tcp: { ...ports, ...(initiated ? { 'ietf-mud:direction-initiated': began } : {}) } }
      : protocol === 17
        ? { udp: ports }
        : {};
  const classes =
    peer === 'local' ? { 'local-networks': [null] } : peer === 'hub' ? { controller: 'urn:example:hub' } : {};
  return {
    forwarding: isAccepting ? 'accept' : 'drop',
    matches: {
      ...(Object.keys(classes).length === 0 ? {} : { 'ietf-mud:mud': classes }),
      ipv4: { ...network, ...(protocol === null ? {} : { protocol }) },
      ...transport,
    },
  };
}

/** RFC 8520 read plainly: the first entry that holds for the opening packet decides; what the other end begins is refused where the entry says so. */
function fileSays(
  way: 'from' | 'to',
  conditions: readonly Condition[],
  { peer, protocol, port }: Opening,
): 'accept' | 'answer' | 'drop' {
  for (const entry of conditions) {
    if (entry.protocol !== null && entry.protocol !== protocol) continue;
    if (!holds(entry.peer, peer)) continue;
    const isOpening = (entry.serves === 'peer') === (way === 'from');
    const hasPort = entry.port !== null && entry.protocol !== null && entry.protocol !== 47;
    if (entry.protocol === 6 && entry.initiated && !isOpening) continue;
    // The entry names the port of the end that answers: for an opening that is the client's port, and only an answer is meant.
    if (hasPort && !isOpening) continue;
    if (hasPort && entry.port !== null && (port < entry.port.from || port > entry.port.to)) continue;
    return entry.isAccepting ? 'accept' : 'drop';
  }
  return 'drop';
}

function holds(peer: Condition['peer'], address: string): boolean {
  const network = NETWORKS[peer];
  if (network === null) return true;
  if (network === LOCAL) return address.startsWith('192.168.1.');
  return network.endsWith('/24') ? address.startsWith('203.0.113.') : address === network;
}

interface Opening {
  readonly peer: string;
  readonly protocol: number;
  readonly port: number;
}

const opening: fc.Arbitrary<Opening & { readonly way: 'from' | 'to' }> = fc.record({
  way: fc.constantFrom('from', 'to'),
  peer: fc.constantFrom(...PEERS),
  protocol: fc.constantFrom(6, 17, 47),
  port: fc.constantFrom(...PORTS),
});

const hub = parsePrefix(HUB);
const device = parsePrefix(DEVICE);
const local = parsePrefix(LOCAL);

it('the imported policy permits what the file permits to begin, and nothing else', () => {
  if (hub === null || device === null || local === null) throw new Error('no prefix');
  let permitted = 0;
  fc.assert(
    fc.property(
      fc.array(condition, { maxLength: 6 }),
      fc.array(opening, { minLength: 12, maxLength: 12 }),
      (conditions, openings) => {
        const isRefusing = conditions.some(({ isAccepting }) => !isAccepting);
        const text = mudText({
          from: conditions.map((entry) => ace('from', entry)),
          to: conditions.map((entry) => ace('to', entry)),
        });
        const { policy } = imported(text, {
          element: { id: 'bulb', macs: [], addresses: [device] },
          localNetworks: [local],
          controllers: new Map([['urn:example:hub', { kind: 'prefix', prefix: hub }]]),
        });
        for (const { way, ...rest } of openings) {
          if (way === 'to' && rest.peer === '239.1.1.1') continue;
          const said = fileSays(way, conditions, rest);
          const [from, to] = way === 'from' ? [DEVICE, rest.peer] : [rest.peer, DEVICE];
          const connection: Connection = { from, to, protocol: rest.protocol, port: rest.port };
          const isPermitted = permits(policy, connection);
          if (isPermitted) permitted++;
          if (isPermitted && said !== 'accept') expect.fail(`wider: ${way} ${JSON.stringify(rest)} ${text}`);
          // A refusal may take away more than its place in the file says, which the import tells.
          if (!isPermitted && said === 'accept' && !isRefusing)
            expect.fail(`narrower: ${way} ${JSON.stringify(rest)} ${text}`);
        }
      },
    ),
    { seed: 8_520, numRuns: 600 },
  );
  expect(permitted).toBeGreaterThan(1_000);
});
