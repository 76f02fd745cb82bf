// Google Cloud: the JSON of `gcloud compute firewall-rules list --format json`. Rules by priority; of one priority, denials first.

import { hasPorts, type PortRange, PROTOCOL, type Problem, type Selector } from '#model';
import { Draft } from '../draft/draft.ts';
import { isLabel, plainText } from '../draft/plain.ts';
import { everyAddress, looseRange } from '../draft/prefixes.ts';
import { refusal, UNREADABLE } from '../draft/refusal.ts';
import { ANYONE, allOf, eitherOf, labelled, prefixed } from '../draft/selectors.ts';
import { endOf, meetSides } from '../draft/sides.ts';
import type { Entry } from '../draft/stages.ts';
import { ALL_TRAFFIC, type Traffic, trafficOf } from '../draft/traffic.ts';
import { at, isOddList, listAt, numberAt, textAt, textsAt } from '../draft/values.ts';
import type { Imported } from '../imported.ts';

const NETWORK = 'network';
/** Priority of a rule that states none. */
const PRIORITY_DEFAULT = 1_000;

export function importGcp(rules: readonly unknown[], file: string, isOpen: boolean): Imported | Problem {
  const draft = new Draft();
  const out: Entry[] = [];
  const into: Entry[] = [];
  const networks = new Map<string, Selector>();
  for (const rule of rules.toSorted(byPriority)) {
    const network = networkOf(rule);
    if (!isLabel(NETWORK, network))
      return refusal(UNREADABLE, `a firewall rule has no usable network: "${plainText(network)}"`);
    const member = labelled(NETWORK, network);
    networks.set(network, member);
    const isOut = (textAt(rule, 'direction') ?? '').toUpperCase() === 'EGRESS';
    if (!isDisabled(rule)) (isOut ? out : into).push(...entriesOf(rule, { draft, member, isOut }));
  }
  const held = eitherOf([...networks.values()]);
  const implied = { id: 'implied-egress', place: 'implied rule: egress is allowed', why: null };
  out.push({ verdict: 'permit', box: { from: held, to: ANYONE, traffic: ALL_TRAFFIC, limits: null, origin: implied } });
  draft.addOutcome(
    meetSides({ entries: out, held }, { entries: into, held }, { draft, what: 'in one of these networks', isOpen }),
  );
  draft.drop(
    'every network',
    'what Google permits or blocks by itself',
    'the metadata server (169.254.169.254) is left out, so the policy permits less there; outgoing SMTP that Google may block is not denied, so it permits more there',
  );
  draft.ask(
    `Which instances are there? Write each as an element with its addresses and the labels "${NETWORK}: <name>", "tag/<tag>: member" for every network tag, and "service-account: <email>".`,
  );
  return draft.finish(`Google Cloud firewall rules (${file})`);
}

function networkOf(rule: unknown): string {
  return (textAt(rule, 'network') ?? '').split('/').at(-1) ?? '';
}

function byPriority(a: unknown, b: unknown): number {
  const order = (numberAt(a, 'priority') ?? PRIORITY_DEFAULT) - (numberAt(b, 'priority') ?? PRIORITY_DEFAULT);
  return order !== 0 ? order : Number(isDenial(b)) - Number(isDenial(a));
}

function isDenial(rule: unknown): boolean {
  return listAt(rule, 'denied').length > 0 || isOddList(rule, 'denied');
}

/** Where it is not said clearly, a permission counts as disabled and a denial as held. */
function isDisabled(rule: unknown): boolean {
  const stated = at(rule, 'disabled') ?? false;
  return stated === true || (stated !== false && !isDenial(rule));
}

interface Reading {
  readonly draft: Draft;
  readonly member: Selector;
  readonly isOut: boolean;
}

function entriesOf(rule: unknown, { draft, member, isOut }: Reading): readonly Entry[] {
  const id = textAt(rule, 'name') ?? 'rule';
  const verdict: Entry['verdict'] = isDenial(rule) ? 'deny' : 'permit';
  const facts = { draft, place: id, verdict };
  const target = allOf([member, eitherOf(endOf(targetsOf(rule, facts), verdict))]);
  const sources = isOut ? peerRanges(rule, 'destinationRanges', facts) : sourcesOf(rule, { ...facts, member });
  const peer = eitherOf(endOf(sources, verdict));
  // A rule may also name ranges on its own side, which narrow it.
  const own = rangesOrAny(rule, isOut ? 'sourceRanges' : 'destinationRanges', facts);
  const self = allOf([target, eitherOf(endOf(own, verdict))]);
  const traffic = trafficAt(listAt(rule, verdict === 'deny' ? 'denied' : 'allowed'), facts);
  const ends = isOut ? { from: self, to: peer } : { from: peer, to: self };
  return [
    { verdict, box: { ...ends, traffic, limits: null, origin: { id, place: id, why: textAt(rule, 'description') } } },
  ];
}

interface RuleFacts {
  readonly draft: Draft;
  readonly place: string;
  readonly verdict: Entry['verdict'];
}

function targetsOf(rule: unknown, facts: RuleFacts): readonly (Selector | null)[] {
  const tags = textsAt(rule, 'targetTags');
  const accounts = textsAt(rule, 'targetServiceAccounts');
  if (tags.length + accounts.length === 0) return [ANYONE];
  return [...tags.map((tag) => tagged(tag, facts)), ...accounts.map((account) => accounted(account, facts))];
}

function sourcesOf(rule: unknown, facts: RuleFacts & { readonly member: Selector }): readonly (Selector | null)[] {
  const tags = textsAt(rule, 'sourceTags').map((tag) => tagged(tag, facts));
  const accounts = textsAt(rule, 'sourceServiceAccounts').map((account) => accounted(account, facts));
  // Tags and accounts name instances of the rule's own network only.
  const instances = [...tags, ...accounts].map((part) => (part === null ? null : allOf([facts.member, part])));
  const isBare = instances.length === 0 && textsAt(rule, 'sourceRanges').length === 0;
  return isBare
    ? peerRanges(rule, 'sourceRanges', facts)
    : [...instances, ...rangesOrNone(rule, 'sourceRanges', facts)];
}

function tagged(tag: string, facts: RuleFacts): Selector | null {
  const key = `tag/${tag}`;
  return isLabel(key, 'member') ? labelled(key, 'member') : unclear(`the tag "${tag}"`, facts);
}

function accounted(account: string, facts: RuleFacts): Selector | null {
  return isLabel('service-account', account)
    ? labelled('service-account', account)
    : unclear(`the account "${account}"`, facts);
}

function unclear(what: string, { draft, place, verdict }: RuleFacts): null {
  draft.drop(
    place,
    what,
    verdict === 'permit'
      ? 'it cannot be said; it is left out, so the policy permits less'
      : 'it cannot be said; the denial holds for every end, so the policy permits less',
  );
  return null;
}

/** The other end of a rule that names none is every IPv4 address; a denial is held for IPv6 as well. */
function peerRanges(rule: unknown, key: string, facts: RuleFacts): readonly (Selector | null)[] {
  if (textsAt(rule, key).length > 0) return rangesOrNone(rule, key, facts);
  return [facts.verdict === 'deny' ? ANYONE : prefixed(everyAddress(4))];
}

function rangesOrAny(rule: unknown, key: string, facts: RuleFacts): readonly (Selector | null)[] {
  return textsAt(rule, key).length === 0 ? [ANYONE] : rangesOrNone(rule, key, facts);
}

function rangesOrNone(rule: unknown, key: string, facts: RuleFacts): readonly (Selector | null)[] {
  return textsAt(rule, key).map((text) => {
    const prefix = looseRange(text);
    return prefix === null ? unclear(`the range "${text}"`, facts) : prefixed(prefix);
  });
}

function trafficAt(list: readonly unknown[], facts: RuleFacts): Traffic {
  const parts = list.map((item) => partOf(item, facts));
  const known = parts.filter((part) => part !== null).flat();
  return facts.verdict === 'deny' && (parts.length === 0 || parts.includes(null)) ? ALL_TRAFFIC : known;
}

/** "ipip" is 94 in Google's list of names. */
const NAMES: ReadonlyMap<string, number> = new Map([...Object.entries(PROTOCOL), ['ipip', 94]]);

function partOf(item: unknown, facts: RuleFacts): Traffic | null {
  const name = (textAt(item, 'IPProtocol') ?? '').toLowerCase();
  const ports = textsAt(item, 'ports');
  if (name === 'all') return ALL_TRAFFIC;
  const protocol = NAMES.get(name) ?? (/^[0-9]{1,3}$/.test(name) && Number(name) <= 255 ? Number(name) : null);
  const ranges = ports.map(rangeOf);
  const known = ranges.filter((range) => range !== null);
  if (protocol === null || known.length < ranges.length || (ports.length > 0 && !hasPorts(protocol)))
    return unclear(`protocol "${name}" ${ports.join(',')}`, facts);
  return trafficOf(protocol, ports.length === 0 ? null : known);
}

function rangeOf(text: string): PortRange | null {
  const [, from, to = from] = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(text) ?? [];
  return from === undefined ? null : { from: Number(from), to: Number(to) };
}
