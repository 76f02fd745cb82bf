// Answers made of what the agent holds: the state, the elements, the services. Reads, and changes nothing.

import { type AddressId, type AddressTable, instantText, type Mode, macText, type Policy, prefixText } from '#model';
import type { ElementView, PeerView, ServiceView } from './api.ts';
import type { Host } from './host.ts';
import type { Monitor } from './monitor.ts';
import type { SeenPeer, SeenService } from './service-book.ts';
import { protocolText } from './words.ts';

/** Peers named of one service. */
const PEERS_SHOWN = 8;
/** Services named of one status: a screen and the next. */
const SERVICES_SHOWN = 500;

export interface Seen {
  readonly policy: Policy;
  readonly monitor: Monitor;
  readonly host: Host;
  readonly addresses: AddressTable;
}

/** Those of this host first, then the busiest. */
export function serviceViews(seen: Seen): readonly ServiceView[] {
  const own = new Set(seen.host.addresses);
  const listening = listeningViews(seen, own);
  const others = seen.monitor.services.services
    .filter(({ address, protocol, port }) => !(own.has(address) && isListening(seen, protocol, port)))
    .map((one) => serviceView(seen, one, { isHere: own.has(one.address), program: null }))
    .sort((one, other) => Number(other.isHere) - Number(one.isHere) || other.connections - one.connections);
  return [...listening, ...others].slice(0, SERVICES_SHOWN);
}

function isListening({ host }: Seen, protocol: number, port: number): boolean {
  return host.listeners.some((one) => one.protocol === protocol && one.port === port);
}

/** One row for each door of this host, whichever of its addresses it was met at. */
function listeningViews(seen: Seen, own: ReadonlySet<AddressId>): readonly ServiceView[] {
  const { host, monitor } = seen;
  const [first = -1] = own;
  return host.listeners.map(({ protocol, port, program }) => {
    const met = [...own].flatMap((address) => monitor.services.at(address, protocol, port) ?? []);
    const merged = met.length === 0 ? unseen(seen, { address: first, protocol, port }) : mergedService(met);
    return serviceView(seen, merged, { isHere: true, program: program === '' ? null : program });
  });
}

function unseen({ monitor }: Seen, at: Pick<SeenService, 'address' | 'protocol' | 'port'>): SeenService {
  return {
    ...at,
    element: monitor.ends.elementOf(at.address),
    application: '',
    connections: 0,
    peers: new Map(),
    unlistedPeers: 0,
    lastSeen: Number.NEGATIVE_INFINITY,
  };
}

function mergedService([first, ...more]: readonly SeenService[]): SeenService {
  if (first === undefined) throw new Error('no service to merge');
  const peers = new Map<AddressId, SeenPeer>();
  for (const { peers: of } of [first, ...more])
    for (const [address, peer] of of) {
      const known = peers.get(address);
      peers.set(address, {
        ...peer,
        connections: peer.connections + (known?.connections ?? 0),
        denied: peer.denied + (known?.denied ?? 0),
      });
    }
  const sum = (of: (one: SeenService) => number): number => [first, ...more].reduce((total, one) => total + of(one), 0);
  return {
    ...first,
    peers,
    connections: sum((one) => one.connections),
    unlistedPeers: sum((one) => one.unlistedPeers),
    lastSeen: Math.max(...[first, ...more].map((one) => one.lastSeen)),
  };
}

function serviceView(
  seen: Seen,
  service: SeenService,
  { isHere, program }: { readonly isHere: boolean; readonly program: string | null },
): ServiceView {
  const { address, protocol, port, application, connections, peers, unlistedPeers, lastSeen } = service;
  const named = nameOfService(seen.policy, service);
  const element = seen.policy.elements.find(({ id }) => id === service.element);
  const ranked = [...peers.values()].sort((one, other) => other.connections - one.connections);
  return {
    service: named,
    element: service.element,
    address: seen.monitor.ends.text(address),
    protocol: protocolText(protocol),
    port,
    program,
    application: application === '' ? null : application,
    isHere,
    isEnforced:
      element?.mode === 'enforce' ||
      (element?.mode === 'protect' &&
        named !== null &&
        (element.protect.length === 0 || element.protect.includes(named))),
    connections,
    peers: ranked.slice(0, PEERS_SHOWN).map((peer) => peerView(seen, peer)),
    peerCount: peers.size + unlistedPeers,
    lastSeen: Number.isFinite(lastSeen) ? instantText(lastSeen) : null,
  };
}

function peerView({ monitor }: Seen, { address, element, connections, denied }: SeenPeer): PeerView {
  return { address: monitor.ends.text(address), element, connections, denied };
}

/** The policy's name for a door: the first service of that protocol and port that is said to be on the element, or on no single one. */
function nameOfService({ services }: Policy, { element, protocol, port }: SeenService): string | null {
  const fits = services.filter(
    (one) =>
      (one.protocol === null || one.protocol === protocol) &&
      one.ports.some(({ from, to }) => from <= port && port <= to) &&
      (one.on.kind !== 'element' || one.on.id === element),
  );
  return (fits.find(({ on }) => on.kind === 'element') ?? fits[0])?.id ?? null;
}

export function elementViews(
  { policy, monitor, host, addresses }: Seen,
  quarantined: ReadonlySet<string>,
): readonly ElementView[] {
  const own = new Set(host.addresses.map((address) => addresses.text(address)));
  return policy.elements.map((element) => {
    const seen = monitor.seen(element.id);
    const texts = element.addresses.map(prefixText);
    return {
      id: element.id,
      kind: element.kind,
      mode: element.mode,
      addresses: texts,
      macs: element.macs.map(macText),
      labels: Object.fromEntries(element.labels),
      protect: element.protect,
      isSafetyCritical: element.isSafetyCritical,
      isHere: texts.some((text) => own.has(text)),
      isQuarantined: quarantined.has(element.id),
      firstSeen: seen === null ? null : instantText(seen.first),
      lastSeen: seen === null ? null : instantText(seen.last),
    };
  });
}

export function countModes({ elements }: Policy): Readonly<Record<Mode, number>> {
  const counts = { observe: 0, protect: 0, enforce: 0 };
  for (const { mode } of elements) counts[mode]++;
  return counts;
}

/** Selectors of those who used a door of an element, the busiest first: an element by its name, others by their address. */
export function peersOf(
  { monitor, policy }: Seen,
  element: string,
  at: { protocol: number; port: number },
): readonly string[] {
  const counts = new Map<string, number>();
  const ids = new Set(policy.elements.map(({ id }) => id));
  for (const service of monitor.services.services) {
    if (service.element !== element || service.protocol !== at.protocol || service.port !== at.port) continue;
    for (const peer of service.peers.values()) {
      if (peer.connections === 0) continue;
      const name = peer.element !== null && ids.has(peer.element) ? peer.element : monitor.ends.text(peer.address);
      counts.set(name, (counts.get(name) ?? 0) + peer.connections);
    }
  }
  return [...counts].sort(([, one], [, other]) => other - one).map(([name]) => name);
}
