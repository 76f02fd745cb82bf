// MUD files for tests, as short as they can be said, and connections judged by what was made of them.

import { Engine } from '#engine';
import { AddressTable, newVerdict, type Observation, type Policy, TCP } from '#model';
import type { Imported } from '../imported.ts';
import { GENERIC } from './generic.ts';
import { importMud, type MudOptions } from './import.ts';

export const OPTIONS: MudOptions = {
  element: { id: 'bulb', macs: [], addresses: [] },
  labels: [],
  controllers: new Map(),
  myController: null,
  localNetworks: null,
  generic: new Set(),
};

export const ALL_GENERIC: ReadonlySet<(typeof GENERIC)[number]> = new Set(GENERIC);

export interface Ace {
  readonly matches: unknown;
  readonly forwarding?: string;
}

export interface Lists {
  readonly from?: readonly Ace[];
  readonly to?: readonly Ace[];
  readonly type?: string;
  readonly container?: string;
  readonly mud?: object;
}

/** The text of a MUD file with one list each way. */
export function mudText({ from = [], to = [], type = 'ipv4-acl-type', container = 'acls', mud = {} }: Lists): string {
  const list = (name: string, aces: readonly Ace[]): object => ({
    name,
    type,
    aces: {
      ace: aces.map(({ matches, forwarding = 'accept' }, at) => ({
        name: `${name}-${at}`,
        matches,
        actions: { forwarding },
      })),
    },
  });
  const policy = (name: string): object => ({ 'access-lists': { 'access-list': [{ name }] } });
  return JSON.stringify({
    'ietf-mud:mud': {
      'mud-version': 1,
      'mud-url': 'https://maker.example/bulb',
      'from-device-policy': policy('from'),
      'to-device-policy': policy('to'),
      ...mud,
    },
    [`ietf-access-control-list:${container}`]: { acl: [list('from', from), list('to', to)] },
  });
}

export function imported(text: string, options: Partial<MudOptions> = {}): Imported {
  const result = importMud([{ name: 'bulb.json', text }], { ...OPTIONS, ...options });
  if (result.kind === 'refused') throw new Error(JSON.stringify(result.problems));
  return result.imported;
}

export interface Connection {
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  readonly port: number;
  readonly clientPort?: number;
}

/** Whether the first packet of a connection is permitted. Names are what lookups of `from` gave. */
export function permits(
  policy: Policy,
  { from, to, protocol, port, clientPort = 50_000 }: Connection,
  names: readonly (readonly [name: string, address: string])[] = [],
): boolean {
  const addresses = new AddressTable();
  const engine = new Engine({ policy, addresses, start: 0 });
  for (const [name, address] of names)
    engine.bindName({
      client: addresses.intern(from),
      server: addresses.intern(address),
      name,
      at: 0,
      ttlSeconds: 3_600,
    });
  const hasPorts = protocol === 6 || protocol === 17;
  const observation: Observation = {
    at: 1,
    source: addresses.intern(from),
    destination: addresses.intern(to),
    sourceMac: -1,
    destinationMac: -1,
    protocol,
    sourcePort: hasPorts ? clientPort : -1,
    destinationPort: hasPorts ? port : -1,
    bytes: 60,
    packets: 1,
    packetSize: 60,
    tcpFlags: protocol === 6 ? TCP.syn : -1,
    initiator: 0,
    application: '',
    tunnel: '',
    operations: [],
  };
  const verdict = newVerdict();
  engine.judge(observation, verdict);
  return verdict.reasons === 0;
}
