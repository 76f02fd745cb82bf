// One element of a policy as a MUD file (RFC 8520): strict in form, and what MUD cannot say is listed, with what the file permits for it.

import {
  type Element,
  isGroupAddress,
  isGroupMac,
  type Limits,
  NO_LIMITS,
  type Policy,
  type PortRange,
  PROTOCOL,
  type Prefix,
  type Rule,
  type Selector,
  type Service,
} from '#model';
import type { NotCarried } from '../imported.ts';
import { LABEL } from './classes.ts';
import type { Peer } from './file.ts';
import { holds } from './holds.ts';
import { type Said, say } from './said.ts';
import { labelText } from './texts.ts';
import { EntryWriter, type Line } from './write.ts';

export interface MudExportOptions {
  readonly element: string;
  /** Where the file will be published; null: the element's label `model`. */
  readonly url: string | null;
  /** RFC 3339, as `last-update` has it. */
  readonly lastUpdate: string;
  readonly localNetworks: readonly Prefix[] | null;
}

export type MudExported =
  | {
      readonly kind: 'exported';
      readonly text: string;
      readonly notSaid: readonly NotCarried[];
      /** Classes made up for this file: who fills them must be told where it is used. */
      readonly classes: ReadonlyMap<string, Selector>;
    }
  | { readonly kind: 'refused'; readonly reason: 'no-element' | 'no-url' };

/** RFC 8520 section 3.5 advises to look for a newer file after this time where nothing is known. */
const CACHE_VALIDITY_HOURS = 48;

export function exportMud(policy: Policy, options: MudExportOptions): MudExported {
  const element = policy.elements.find(({ id }) => id === options.element);
  if (element === undefined) return { kind: 'refused', reason: 'no-element' };
  const url = options.url ?? modelUrl(element);
  const authority = /^https?:\/\/([A-Za-z0-9._-]+)/.exec(url ?? '')?.[1]?.toLowerCase();
  if (url === null || authority === undefined) return { kind: 'refused', reason: 'no-url' };
  const exporting: Exporting = {
    policy,
    element,
    url,
    authority,
    localNetworks: options.localNetworks,
    notSaid: [],
    classes: new Map(),
    writer: new EntryWriter(element.id),
  };
  for (const guardrail of policy.never) addEnds(exporting, guardrail, { section: 'never', isAccepting: false });
  for (const rule of policy.rules) addRule(exporting, rule);
  for (const { id } of policy.require)
    note(exporting, `require.${id}`, {
      what: 'required hours or logon',
      why: 'MUD knows neither; the file permits more',
    });
  const { notSaid, classes, writer } = exporting;
  const head = {
    'mud-version': 1,
    'mud-url': url,
    'last-update': options.lastUpdate,
    'cache-validity': CACHE_VALIDITY_HOURS,
    'is-supported': true,
    systeminfo: element.id.slice(0, SYSTEMINFO_MAX),
  };
  return { kind: 'exported', text: `${JSON.stringify(writer.document(head), null, 2)}\n`, notSaid, classes };
}

/** RFC 8520: a short text, at most 60 characters. */
const SYSTEMINFO_MAX = 60;

function modelUrl({ labels }: Element): string | null {
  const value = labels.find(([key]) => key === LABEL.model)?.[1];
  return value === undefined ? null : labelText(value);
}

interface Exporting {
  readonly policy: Policy;
  readonly element: Element;
  readonly url: string;
  readonly authority: string;
  readonly localNetworks: readonly Prefix[] | null;
  readonly notSaid: NotCarried[];
  readonly classes: Map<string, Selector>;
  readonly writer: EntryWriter;
}

function note({ notSaid }: Exporting, place: string, { what, why }: Omit<NotCarried, 'place'>): void {
  if (!notSaid.some((known) => known.place === place && known.what === what)) notSaid.push({ place, what, why });
}

function addRule(exporting: Exporting, rule: Rule): void {
  const isSaid = addEnds(exporting, rule, { section: 'rules', isAccepting: true });
  if (!isSaid) return;
  const place = `rules.${rule.id}`;
  for (const what of limitsOf(rule.limits))
    note(exporting, place, { what, why: 'MUD has no such limit; the file permits more' });
  if (rule.until !== null) note(exporting, place, { what: 'until', why: 'MUD knows no end; the file permits more' });
  if (rule.isAudit)
    note(exporting, place, { what: 'mode audit', why: 'MUD knows no trial; the file permits what the rule does' });
}

function limitsOf(limits: Limits): readonly string[] {
  return Object.entries(limits).flatMap(([key, value]) => {
    const isStated = Array.isArray(value) ? value.length > 0 : value !== null && value !== 0;
    return isStated && key in NO_LIMITS ? [key] : [];
  });
}

/** Whether the element is an end of the rule, so that the file says something of it. */
function addEnds(
  exporting: Exporting,
  { id, from, to }: Pick<Rule, 'id' | 'from' | 'to'>,
  { section, isAccepting }: { readonly section: 'rules' | 'never'; readonly isAccepting: boolean },
): boolean {
  const place = `${section}.${id}`;
  const begins = holds(from, exporting.element);
  let isSaid = false;
  for (const service of to) {
    const serves = holds(service.on, exporting.element);
    if (begins !== true && serves !== true && (begins === null || serves === null))
      note(exporting, place, {
        what: 'an end that may or may not be this element',
        why: 'only traffic can tell, so that end is left out; the file permits less',
      });
    const ends = { exporting, place, id, service, isAccepting };
    // What an element says to itself is no packet on a network.
    const isOut = begins === true && !isItself(service.on, exporting.element);
    const isIn = serves === true && !isItself(from, exporting.element);
    if (isOut) addLines(ends, 'out', service.on);
    if (isIn) addLines(ends, 'in', from);
    isSaid ||= isOut || isIn;
  }
  return isSaid;
}

function isItself(far: Selector, { id }: Element): boolean {
  return far.kind === 'element' && far.id === id;
}

interface Ends {
  readonly exporting: Exporting;
  readonly place: string;
  readonly id: string;
  readonly service: Service;
  readonly isAccepting: boolean;
}

function addLines({ exporting, place, id, service, isAccepting }: Ends, direction: 'out' | 'in', far: Selector): void {
  const { policy, url, authority, localNetworks, classes, writer } = exporting;
  const remark = (what: string, why: string): void => note(exporting, place, { what, why });
  const isNtp = service.protocol === PROTOCOL.udp && service.ports.length === 1 && service.ports[0]?.from === 123;
  const saying = { elements: policy.elements, url, authority, localNetworks, isNtp, remark, classes };
  if (service.application !== null) remark('application', 'MUD knows ports only; the file permits more');
  if (service.isLogonRequired) remark('logon', 'MUD knows no logon; the file permits more');
  for (const said of say(far, saying))
    for (const protocol of protocolsOf(service))
      for (const line of linesOf(said, { id, direction, protocol, ports: service.ports, isAccepting })) {
        if (isOneSided(line))
          remark(
            'that answers come back',
            'without ports MUD can not tell an answer from an opening, so answers are not named; the file permits less',
          );
        writer.add(line);
      }
}

function protocolsOf({ protocol, ports }: Service): readonly (number | null)[] {
  return protocol === null && ports.length > 0 ? [PROTOCOL.tcp, PROTOCOL.udp] : [protocol];
}

function linesOf(
  said: Said,
  rest: Omit<Line, 'peers' | 'version' | 'ports' | 'answers'> & { readonly ports: readonly PortRange[] },
): readonly Line[] {
  const { ports, protocol } = rest;
  const portsOfLines = ports.length === 0 ? [[]] : isAllBut(ports) ? [ports] : ports.map((range) => [range]);
  const answers = hasAnswers(said.peers) && (ports.length > 0 || protocol === PROTOCOL.tcp);
  return said.versions.flatMap((version) =>
    isOfVersion(protocol, version)
      ? portsOfLines.map((each) => ({ ...rest, ports: each, peers: said.peers, version, answers }))
      : [],
  );
}

function isOneSided({ answers, isAccepting, peers }: Line): boolean {
  return isAccepting && !answers && hasAnswers(peers);
}

/** Nobody answers from a group address. */
function hasAnswers(peers: readonly Peer[]): boolean {
  return !peers.some(
    (peer) =>
      (peer.kind === 'prefix' && isGroupAddress(peer.prefix.bytes)) || (peer.kind === 'mac' && isGroupMac(peer.mac)),
  );
}

/** ICMP is of IPv4 and ICMPv6 of IPv6, and there is no such packet in the other. */
function isOfVersion(protocol: number | null, version: 4 | 6): boolean {
  if (protocol === PROTOCOL.icmp || protocol === PROTOCOL.igmp) return version === 4;
  return protocol !== PROTOCOL.icmpv6 || version === 6;
}

/** Every port but one, which RFC 8519 says with neq. */
function isAllBut(ports: readonly PortRange[]): boolean {
  const [first, second] = ports;
  return ports.length === 2 && first?.from === 1 && second?.to === 65_535 && second.from === first.to + 2;
}
