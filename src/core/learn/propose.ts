// From lines to a proposal: roster, drafts, pooling, rules with limits, comments and notes. The only file that knows them all.

import {
  type AddressTable,
  type Element,
  type Instant,
  instantText,
  type Policy,
  PROTOCOL,
  type Rule,
  type Selector,
  type Service,
} from '#model';
import type { Bindings } from './bindings.ts';
import { SIZED_PACKETS_MIN, VOLUME_WINDOWS_MIN } from './bounds.ts';
import type { Chosen } from './chosen.ts';
import { elementComments, elementEvidence, ruleComments, ruleEvidence } from './comments.ts';
import { counted } from './counted.ts';
import type { Devices } from './devices.ts';
import type { Draft, Part } from './draft.ts';
import { draftsOf, wholeHours } from './drafts.ts';
import type { HiddenNames } from './hidden-names.ts';
import { applicationOf, limitsOf } from './limits.ts';
import type { LineBook } from './lines.ts';
import type { LocalTime } from './local-time.ts';
import { type Pool, poolDrafts } from './pool.ts';
import type { ElementEvidence, Proposal, RuleEvidence } from './proposal.ts';
import { elementOf, type Member, Roster } from './roster.ts';
import { LINK } from './shared.ts';
import { mergeSketch, newSketch, type Sketch } from './sketch.ts';

interface ProposeInput {
  readonly options: {
    readonly addresses: AddressTable;
    readonly timezone: string;
    readonly isPooling?: boolean;
    readonly setup?: 'exclude' | 'mark' | 'keep';
  };
  readonly chosen: Chosen;
  readonly book: LineBook;
  readonly devices: Devices;
  readonly bindings: Bindings;
  readonly hidden: HiddenNames;
  readonly localTime: LocalTime;
  readonly span: { readonly from: Instant; readonly to: Instant };
  /** Conversations dropped from a full table, and fragments that could not be told apart. */
  readonly forgotten: number;
  readonly unportedFragments: number;
  /** Packets that were more than an hour older than the latest before them. */
  readonly backwards: number;
}

export function propose(input: ProposeInput): Proposal {
  const { options, book, bindings, span } = input;
  const { addresses } = options;
  const roster = new Roster({ addresses, chosen: input.chosen, book, devices: input.devices });
  const setup = options.setup ?? 'mark';
  const all = draftsOf(book.lines, { addresses, bindings, span, roster, setup });
  const { drafts, pools } = options.isPooling === true ? poolDrafts(all) : { drafts: all, pools: [] };
  const written = new Written();
  const modelOf = modelsOf(pools);
  for (const draft of drafts) written.rule(draft, { input, modelOf });
  const elements = roster.members.map((member) =>
    written.element(member, { addresses, modelOf, hidden: input.hidden }),
  );
  const policy: Policy = {
    timezone: options.timezone,
    mode: 'enforce',
    elements,
    services: [],
    rules: written.rules,
    never: [],
    require: [],
    tests: [],
  };
  const notes = notesOf(input, roster);
  written.comments.set('', topComments(input, policy, notes));
  const isEmpty = span.to < span.from;
  return {
    policy,
    comments: written.comments,
    evidence: {
      from: isEmpty ? null : instantText(span.from),
      to: isEmpty ? null : instantText(span.to),
      elements: written.elementEvidence,
      rules: written.ruleEvidence,
    },
    notes,
  };
}

function modelsOf(pools: readonly Pool[]): ReadonlyMap<Member, string> {
  return new Map(pools.flatMap(({ model, members }) => members.map((member) => [member, model] as const)));
}

/** What has been written of the proposal so far. */
class Written {
  readonly rules: Rule[] = [];
  readonly comments = new Map<string, readonly string[]>();
  readonly elementEvidence: ElementEvidence[] = [];
  readonly ruleEvidence: RuleEvidence[] = [];
  readonly #ids = new Set<string>();

  element(
    member: Member,
    {
      addresses,
      modelOf,
      hidden,
    }: {
      readonly addresses: AddressTable;
      readonly modelOf: ReadonlyMap<Member, string>;
      readonly hidden: HiddenNames;
    },
  ): Element {
    const evidence = elementEvidence(member, { textOf: (address) => addresses.text(address), hidden });
    this.elementEvidence.push(evidence);
    this.comments.set(`elements.${member.id}`, elementComments(evidence, member.isSetupOnly));
    const model = modelOf.get(member);
    const element = elementOf(member, addresses);
    return model === undefined ? element : { ...element, labels: [['model', model]] };
  }

  rule(
    draft: Draft,
    { input, modelOf }: { readonly input: ProposeInput; readonly modelOf: ReadonlyMap<Member, string> },
  ): void {
    const whole = wholeSketch(draft);
    const { timezone } = input.options;
    const limited = limitsOf(draft, { whole, timezone, hours: wholeHours(input.span) });
    const [first] = draft.members;
    if (first === undefined) return;
    const model = modelOf.get(first);
    const owner = draft.isShared ? 'link' : model === undefined ? first.id : `model-${model}`;
    const id = this.#unique(`${owner}-${draftName(draft)}`);
    const self = draft.isShared ? LINK : selfOf(first, model);
    this.rules.push({
      id,
      ...endsOf(draft, self),
      limits: limited.limits,
      isAudit: false,
      owner: null,
      why: 'learned',
      until: null,
    });
    const evidence = ruleEvidence({ id, draft, whole, limited, end: input.span.to });
    this.ruleEvidence.push(evidence);
    this.comments.set(`rules.${id}`, ruleComments(evidence, whole, input.span));
  }

  #unique(wanted: string): string {
    let id = wanted;
    for (let number = 2; this.#ids.has(id); number++) id = `${wanted}-${number}`;
    this.#ids.add(id);
    return id;
  }
}

function selfOf({ id }: Member, model: string | undefined): Selector {
  return model === undefined ? { kind: 'element', id } : { kind: 'label', key: 'model', value: model };
}

function wholeSketch({ sketches }: Draft): Sketch {
  const whole = newSketch();
  for (const sketch of sketches) mergeSketch(whole, sketch);
  return whole;
}

function endsOf({ direction, parts }: Draft, self: Selector): Pick<Rule, 'from' | 'to'> {
  if (direction === 'out') return { from: self, to: parts.map((part) => serviceOf(part, either(part.far))) };
  return { from: either(parts.flatMap(({ far }) => far)), to: parts.map((part) => serviceOf(part, self)) };
}

function either(selectors: readonly Selector[]): Selector {
  const unique = [...new Map(selectors.map((selector) => [JSON.stringify(selector), selector])).values()];
  const [only] = unique;
  return only !== undefined && unique.length === 1 ? only : { kind: 'either', of: unique };
}

function serviceOf({ protocol, ports, sketch }: Part, on: Selector): Service {
  return { id: '', on, protocol, ports, application: applicationOf(sketch), isLogonRequired: false };
}

const SERVICE_NAMES: ReadonlyMap<string, string> = new Map([
  ['6/22', 'ssh'],
  ['6/53', 'dns-tcp'],
  ['6/80', 'http'],
  ['6/443', 'https'],
  ['6/502', 'modbus'],
  ['6/554', 'rtsp'],
  ['6/1883', 'mqtt'],
  ['6/8883', 'mqtts'],
  ['17/53', 'dns'],
  ['17/67', 'dhcp'],
  ['17/68', 'dhcp-answer'],
  ['17/123', 'ntp'],
  ['17/443', 'quic'],
  ['17/1900', 'ssdp'],
  ['17/5353', 'mdns'],
  ['17/546', 'dhcpv6-answer'],
  ['17/547', 'dhcpv6'],
]);

const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(PROTOCOL).map(([name, number]) => [number, name]),
);

/** For instance `https`, `ntp-internet`, `udp-32768`, `from-icmp`, `group`. */
function draftName({ direction, scope, parts }: Draft): string {
  const [first] = parts;
  const begin = direction === 'in' ? 'from-' : '';
  if (first === undefined || parts.length > 1) return `${begin}${scope}`;
  const [port] = first.ports;
  const protocol = PROTOCOL_NAMES.get(first.protocol) ?? `protocol-${first.protocol}`;
  if (port === undefined) return `${begin}${protocol}${scope === 'group' ? '-group' : ''}`;
  const known = port.from === port.to ? SERVICE_NAMES.get(`${first.protocol}/${port.from}`) : undefined;
  return `${begin}${known ?? `${protocol}-${port.from}`}${scope === 'group' ? '-group' : ''}`;
}

function topComments({ span, options }: ProposeInput, policy: Policy, notes: readonly string[]): readonly string[] {
  if (span.to < span.from) return ['learned from nothing: no traffic was seen'];
  const hours = wholeHours(span);
  return [
    `learned from traffic of ${instantText(span.from)} to ${instantText(span.to)}: ${counted(policy.rules.length, 'rule')} for ${counted(policy.elements.length, 'element')}`,
    'a proposal: read it before it is applied; what is marked WEAK rests on little',
    ...(hours < VOLUME_WINDOWS_MIN
      ? [`too short for volume limits: ${counted(hours, 'whole hour')} seen, ${VOLUME_WINDOWS_MIN} needed`]
      : [
          `hours and days in ${options.timezone}; volume ceilings are a multiple of the busiest hour, at least 64 KiB over it`,
        ]),
    `sizes: as seen, with room where few packets were; none where fewer than ${SIZED_PACKETS_MIN} were`,
    ...notes,
  ];
}

function notesOf(input: ProposeInput, roster: Roster): readonly string[] {
  const notes: string[] = [];
  const say = (count: number, text: string): void => {
    if (count > 0) notes.push(`${count} ${text}`);
  };
  const elements = input.chosen.unreadable;
  if (elements.length > 0) notes.push(`not a MAC and not an address, left out: ${elements.join(', ')}`);
  say(input.book.folded, 'conversations were folded to a coarser peer: the book of lines was full');
  say(input.book.refused, 'conversations were not learned at all: the book of lines was full');
  say(input.forgotten, 'conversations were forgotten early and may count twice: the table was full');
  say(input.bindings.refused, 'names were not used: no host names, or the table was full');
  say(input.unportedFragments, 'later fragments without ports were left out');
  say(
    input.backwards,
    'packets went back in time by over an hour and were taken as of the latest instant: days, hours and volumes are not to be trusted',
  );
  say(input.devices.unfollowed, 'packets of devices beyond the bound were learned by address only');
  if (roster.absent.length > 0) notes.push(`asked for, but in no traffic, left out: ${roster.absent.join(', ')}`);
  say(roster.uncovered, 'conversations between ends that are no element were left out');
  say(roster.leftOut, 'devices are left out: a proposal holds no more elements');
  const setups = roster.members.filter(({ setupUntil }) => setupUntil !== null).length;
  if (setups > 0 && input.options.setup !== 'keep')
    notes.push(
      `${counted(setups, 'element')} with a first contact period; what was seen only then is ${input.options.setup === 'exclude' ? 'left out' : 'marked weak'}`,
    );
  return notes;
}
