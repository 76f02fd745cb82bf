// What the proposal says of elements that hide their names and of tunnels: told of the one that does it, and of no other.

import { describe, expect, it } from 'vitest';
import { AddressTable, type NameFact, type NameKind } from '#model';
import { MONDAY, Teller } from './learn.testing.ts';
import { Learner } from './learner.ts';

function learn(tell: (told: { name: (fact: Partial<NameFact>) => void; teller: Teller }) => void) {
  const addresses = new AddressTable();
  const learner = new Learner({ addresses, timezone: 'UTC' });
  const teller = new Teller(addresses, learner);
  const plain = { kind: 'hides-names' as NameKind, at: MONDAY, clientMac: -1, port: 443, address: -1, ttlSeconds: 0 };
  const ends = { client: addresses.intern('10.0.0.9'), server: addresses.intern('8.8.8.8') };
  tell({ name: (fact) => learner.name({ ...plain, ...ends, name: 'doh', value: '', ...fact }), teller });
  return learner.finish();
}

const talk = (teller: Teller, from: string, more = {}): void =>
  teller.talk({ at: MONDAY + 1, from, to: '8.8.8.8', port: 443, more });

describe('hidden names', () => {
  it('are told of the element that hides them, once a way, and of no other', () => {
    const { comments, evidence } = learn(({ name, teller }) => {
      name({ name: 'doh', value: 'dns.google' });
      name({ name: 'doh', value: 'dns.google' });
      name({ name: 'dot' });
      talk(teller, '10.0.0.9');
      talk(teller, '10.0.0.10');
    });
    const [hiding = [], open = []] = ['host-10-0-0-9', 'host-10-0-0-10'].map((id) => comments.get(`elements.${id}`));
    expect(hiding).toContain(
      'hides which names it asks: doh (dns.google), dot; rules by name cannot hold for what it asks so',
    );
    expect(open.join()).not.toContain('hides');
    expect(evidence.elements.map(({ hidesNames }) => hidesNames.length)).toEqual([2, 0]);
  });

  it('are only suspected where all there is are encrypted hellos', () => {
    const { comments } = learn(({ name, teller }) => {
      name({ name: 'ech', value: 'outer example.com' });
      talk(teller, '10.0.0.9');
    });
    expect([...comments.values()].flat().join()).toContain('may hide which names it asks: ech (outer example.com);');
  });

  it('are not told for a name that was asked in the open', () => {
    const { evidence } = learn(({ name, teller }) => {
      name({ kind: 'sni', name: 'dns.google' });
      talk(teller, '10.0.0.9');
    });
    expect(evidence.elements[0]?.hidesNames).toEqual([]);
  });

  it('are told of the first ways and no more', () => {
    const { evidence } = learn(({ name, teller }) => {
      for (let way = 0; way < 9; way++) name({ value: `resolver${way}.example.com` });
      talk(teller, '10.0.0.9');
    });
    expect(evidence.elements[0]?.hidesNames).toHaveLength(4);
  });
});

describe('tunnels', () => {
  it('are told of the rule that permits them, the first four', () => {
    const { comments } = learn(({ teller }) => {
      for (let id = 0; id < 6; id++) talk(teller, '10.0.0.9', { tunnel: `vxlan ${id}` });
    });
    expect([...comments.values()].flat()).toContain(
      'carries vxlan 0, vxlan 1, vxlan 2, vxlan 3: the limits hold for the tunnel, not for what is inside it',
    );
  });

  it('are not told of a rule without them', () => {
    const { comments } = learn(({ teller }) => talk(teller, '10.0.0.9'));
    expect([...comments.values()].flat().join()).not.toContain('tunnel');
  });
});
