// AWS: the JSON of `aws ec2 describe-security-groups`. Groups only permit; an instance in several groups has what any of them permits.

import { hasPorts, PROTOCOL, type Problem, type Selector } from '#model';
import type { Origin } from '../draft/boxes.ts';
import { Draft } from '../draft/draft.ts';
import { isLabel, plainText } from '../draft/plain.ts';
import { looseRange } from '../draft/prefixes.ts';
import { refusal, UNREADABLE } from '../draft/refusal.ts';
import { eitherOf, labelled, prefixed } from '../draft/selectors.ts';
import { meetSides } from '../draft/sides.ts';
import type { Entry } from '../draft/stages.ts';
import { type Traffic, trafficOf } from '../draft/traffic.ts';
import { listAt, numberAt, textAt } from '../draft/values.ts';
import type { Imported } from '../imported.ts';

const KEY = 'security-group/';

export function importAws(groups: readonly unknown[], file: string, isOpen: boolean): Imported | Problem {
  const draft = new Draft();
  const members: Selector[] = [];
  const out: Entry[] = [];
  const into: Entry[] = [];
  for (const group of groups) {
    const id = textAt(group, 'GroupId') ?? '';
    const member = memberOf(id);
    if (member === null) return refusal(UNREADABLE, `a security group has no usable GroupId: "${plainText(id)}"`);
    members.push(member);
    const name = textAt(group, 'GroupName') ?? id;
    for (const [key, isOut] of [
      ['IpPermissions', false],
      ['IpPermissionsEgress', true],
    ] as const)
      for (const [at, permission] of listAt(group, key).entries()) {
        const place = `${id} ${key}[${at}]`;
        const entries = entriesOf(permission, {
          draft,
          member,
          isOut,
          origin: { id: `${name}-${isOut ? 'out' : 'in'}`, place, why: null },
        });
        (isOut ? out : into).push(...entries);
      }
  }
  const held = eitherOf(members);
  draft.addOutcome(
    meetSides(
      { entries: out, held },
      { entries: into, held },
      { draft, what: 'in one of these security groups', isOpen },
    ),
  );
  draft.ask(
    `Which instances are in which group? Write each as an element with its addresses and one label "${KEY}<group id>: member" for every group it is in.`,
  );
  return draft.finish(`AWS security groups (${file})`);
}

function memberOf(id: string): Selector | null {
  return isLabel(`${KEY}${id}`, 'member') && id !== '' ? labelled(`${KEY}${id}`, 'member') : null;
}

interface Reading {
  readonly draft: Draft;
  readonly member: Selector;
  readonly isOut: boolean;
  readonly origin: Origin;
}

function entriesOf(permission: unknown, { draft, member, isOut, origin }: Reading): readonly Entry[] {
  const traffic = trafficAt(permission, draft, origin.place);
  if (traffic === null) return [];
  return peersOf(permission, draft, origin.place).map(({ peer, why }) => {
    const ends = isOut ? { from: member, to: peer } : { from: peer, to: member };
    return { verdict: 'permit', box: { ...ends, traffic, limits: null, origin: { ...origin, why } } };
  });
}

/** Null where the permission is left out, which permits less. */
function trafficAt(permission: unknown, draft: Draft, place: string): Traffic | null {
  const name = textAt(permission, 'IpProtocol') ?? '';
  const from = numberAt(permission, 'FromPort');
  const to = numberAt(permission, 'ToPort');
  if (name === '-1') return trafficOf(null, null);
  const protocol = protocolOf(name);
  if (protocol === null) {
    draft.drop(
      place,
      `protocol "${name}"`,
      'it is not a known protocol; the permission is left out, so the policy permits less',
    );
    return null;
  }
  if (hasPorts(protocol)) {
    // AWS writes -1 for both ends where every port is meant; a missing bound is not guessed.
    if (from === -1 && to === -1) return trafficOf(protocol, null);
    if (from !== null && to !== null && from >= 0) return trafficOf(protocol, [{ from, to }]);
    draft.drop(
      place,
      'a permission without ports',
      'the ports cannot be read; it is left out, so the policy permits less',
    );
    return null;
  }
  const isIcmp = protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmpv6;
  if (!isIcmp || from === null || from === -1) return trafficOf(protocol, null);
  draft.drop(place, `${name} type ${from}`, 'rules know no ICMP types; it is left out, so the policy permits less');
  return null;
}

function protocolOf(name: string): number | null {
  const known = new Map<string, number>(Object.entries(PROTOCOL)).get(name);
  if (known !== undefined) return known;
  return /^[0-9]{1,3}$/.test(name) && Number(name) <= 255 ? Number(name) : null;
}

interface Peer {
  readonly peer: Selector;
  readonly why: string | null;
}

function peersOf(permission: unknown, draft: Draft, place: string): readonly Peer[] {
  const peers: Peer[] = [];
  for (const [list, key] of [
    ['IpRanges', 'CidrIp'],
    ['Ipv6Ranges', 'CidrIpv6'],
  ] as const)
    for (const range of listAt(permission, list)) {
      const text = textAt(range, key) ?? '';
      const prefix = looseRange(text);
      if (prefix === null)
        draft.drop(place, `the range "${text}"`, 'it is not a range of addresses; the policy permits less');
      else peers.push({ peer: prefixed(prefix), why: textAt(range, 'Description') });
    }
  for (const pair of listAt(permission, 'UserIdGroupPairs')) {
    const peer = memberOf(textAt(pair, 'GroupId') ?? '');
    if (peer === null) draft.drop(place, 'a group without GroupId', 'it is left out; the policy permits less');
    else peers.push({ peer, why: textAt(pair, 'Description') });
  }
  for (const list of listAt(permission, 'PrefixListIds')) {
    const id = textAt(list, 'PrefixListId') ?? 'unnamed';
    draft.drop(place, `the prefix list ${id}`, 'its addresses are not in the text; the policy permits less');
    draft.ask(`Which addresses are in the prefix list ${plainText(id)}? Add rules for them.`);
  }
  return joined(peers);
}

/** Peers with the same remark become one, so that a rule is not repeated for every range. */
function joined(peers: readonly Peer[]): readonly Peer[] {
  const whys = [...new Set(peers.map(({ why }) => why))];
  return whys.map((why) => ({ why, peer: eitherOf(peers.filter((peer) => peer.why === why).map(({ peer }) => peer)) }));
}
