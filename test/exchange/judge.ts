// Judges random connections by an imported policy and by a small interpreter of the foreign one, and says where they differ.
// The bar: the policy never permits what the foreign text denies; where it permits less, a list entry says so.

import fc from 'fast-check';
import { expect } from 'vitest';
import { Engine } from '#engine';
import { type Imported, isRefusal } from '#exchange';
import {
  AddressTable,
  type Element,
  newObservation,
  newVerdict,
  type Policy,
  PROTOCOL,
  type Problem,
  parsePrefix,
} from '#model';
import { parsePolicy, printPolicy } from '#policy';

export interface Connection {
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  /** Ignored where the protocol has no ports. */
  readonly port: number;
}

/** First seed and number of random foreign texts; both can be set from outside to look further. */
export const SEED = Number(process.env.PICKET_SEED ?? 20_261);
export function runsOf(usual: number): number {
  return Number(process.env.PICKET_CASES ?? usual);
}

export function importedOf(result: Imported | Problem): Imported {
  if (isRefusal(result)) throw new Error(`refused: ${result.message} at ${result.place?.line}`);
  return result;
}

export function elementAt(id: string, address: string, labels: Readonly<Record<string, string>>): Element {
  const prefix = parsePrefix(address);
  return {
    id,
    kind: 'instance',
    macs: [],
    addresses: prefix === null ? [] : [prefix],
    login: null,
    labels: Object.entries(labels),
    data: [],
    mode: 'observe',
    protect: [],
    isSafetyCritical: false,
    owner: null,
  };
}

/** The policy as a person would use it: printed, completed with elements, read again. Any error fails the test. */
export function policyOf(imported: Imported, elements: readonly Element[] = []): Policy {
  const bare = parsePolicy(printPolicy(imported.policy, imported.comments), 'imported.yaml');
  expect(bare.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(bare.policy?.mode).toBe('observe');
  const known = new Map([...imported.policy.elements, ...elements].map((element) => [element.id, element]));
  const text = printPolicy({ ...imported.policy, elements: [...known.values()] }, imported.comments);
  const { policy, problems } = parsePolicy(text, 'imported.yaml');
  if (policy === null) throw new Error(`${JSON.stringify(problems)}\n${text}`);
  return policy;
}

/** Which connections the policy permits. Each comes when every session before has idled out, so that none is an answer to another. Everything is enforced, so that what is denied leaves no session behind. */
export function permitted(policy: Policy, connections: readonly Connection[]): readonly boolean[] {
  const addresses = new AddressTable();
  const enforced: Policy = {
    ...policy,
    mode: 'enforce',
    elements: policy.elements.map((element) => ({ ...element, mode: 'enforce' })),
  };
  const engine = new Engine({ policy: enforced, addresses, start: 0 });
  const verdict = newVerdict();
  return connections.map(({ from, to, protocol, port }, index) => {
    const hasPorts = protocol === PROTOCOL.tcp || protocol === PROTOCOL.udp;
    const observation = Object.assign(newObservation(), {
      at: index * 8_000_000_000,
      source: addresses.intern(from),
      destination: addresses.intern(to),
      protocol,
      sourcePort: hasPorts ? 20_000 + index : -1,
      destinationPort: hasPorts ? port : -1,
      bytes: 60,
      packetSize: 60,
      tcpFlags: protocol === PROTOCOL.tcp ? 2 : -1,
      initiator: 1,
    });
    engine.judge(observation, verdict);
    return verdict.reasons === 0;
  });
}

export interface Tally {
  connections: number;
  permitted: number;
  less: number;
}

export function newTally(): Tally {
  return { connections: 0, permitted: 0, less: 0 };
}

interface Comparing {
  readonly imported: Imported;
  readonly elements?: readonly Element[];
  readonly connections: readonly Connection[];
  readonly foreign: (connection: Connection) => boolean;
  /** Whether the policy may permit less here; else any difference fails. */
  readonly mayPermitLess?: (connection: Connection) => boolean;
  readonly tally: Tally;
  readonly text: string;
}

export function compare(comparing: Comparing): void {
  const { imported, elements = [], connections, foreign, mayPermitLess = () => false, tally, text } = comparing;
  const policy = policyOf(imported, elements);
  const answers = permitted(policy, connections);
  for (const [at, connection] of connections.entries()) {
    const isPermitted = answers[at] === true;
    const isForeign = foreign(connection);
    tally.connections++;
    if (isPermitted) tally.permitted++;
    if (isPermitted === isForeign) continue;
    const story = `${JSON.stringify(connection)}\n${text}\n${printPolicy(imported.policy, imported.comments)}`;
    if (isPermitted) throw new Error(`the policy permits what the foreign text denies: ${story}`);
    if (!mayPermitLess(connection)) throw new Error(`the policy denies what the foreign text permits: ${story}`);
    expect(imported.notCarried.some(({ why }) => /permits? less/.test(why))).toBe(true);
    tally.less++;
  }
}

export function arbitraryConnection(ends: readonly string[], ports: readonly number[]): fc.Arbitrary<Connection> {
  return fc
    .record({
      from: fc.constantFrom(...ends),
      to: fc.constantFrom(...ends),
      protocol: fc.constantFrom(PROTOCOL.tcp, PROTOCOL.tcp, PROTOCOL.udp, PROTOCOL.icmp),
      port: fc.constantFrom(...ports),
    })
    .filter(({ from, to }) => from !== to && from.includes(':') === to.includes(':'));
}

/** Whether a dotted address lies in `10.0.0.0/8`: the interpreters' own arithmetic, not the one under test. */
export function lies(address: string, range: string): boolean {
  if (address.includes(':') || range.includes(':')) return range === '::/0' && address.includes(':');
  const [base = '', bits = '32'] = range.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(address) / size) === Math.floor(numberOf(base) / size);
}

export function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
