// Evidence in words: the comment lines above each rule and element, and the same as data. Not the printer of policies.

import { DAY, type Instant, instantText } from '#model';
import { SIZED_PACKETS_MIN } from './bounds.ts';
import { counted } from './counted.ts';
import type { Draft } from './draft.ts';
import type { HiddenNames } from './hidden-names.ts';
import { isDaily, type Span } from './ladder.ts';
import { type Limited, largestHours, sizeBand } from './limits.ts';
import type { ElementEvidence, RuleEvidence } from './proposal.ts';
import type { Member } from './roster.ts';
import { periodSeconds, type Sizes, type Sketch } from './sketch.ts';

const TEXTS_MAX = 6;

interface EvidenceInput {
  readonly id: string;
  readonly draft: Draft;
  readonly whole: Sketch;
  readonly limited: Limited;
  readonly end: Instant;
}

export function ruleEvidence({ id, draft, whole, limited, end }: EvidenceInput): RuleEvidence {
  const { max, second } = largestHours(draft.sketches);
  return {
    id,
    elements: draft.members.map((member) => member.id),
    firstSeen: instantText(whole.first),
    lastSeen: instantText(whole.last),
    days: whole.localDays.size,
    conversations: whole.conversations,
    packets: whole.packets,
    bytes: whole.bytes,
    sizeSent: whole.sent.count === 0 ? null : [whole.sent.min, whole.sent.max],
    sizeReceived: whole.received.count === 0 ? null : [whole.received.min, whole.received.max],
    hourBytesMax: max,
    hourBytesSecond: second,
    hours: whole.hours.size,
    volumeFactor: limited.volumeFactor,
    unseenEstimate: whole.conversations === 0 ? 1 : draft.keysOnce / whole.conversations,
    newKeysPerDayMax: 3 / Math.max((end - draft.lastNewKey) / DAY, 1 / 24),
    unseenMeasured: draft.unseen,
    periodSeconds: periodSeconds(whole),
    keys: [...new Set(draft.parts.flatMap(({ farTexts }) => farTexts))],
    isWeak: draft.isWeak,
    remarks: [...draft.remarks, ...limited.remarks],
  };
}

/** What a plant engineer wants to know of a rule, most telling first; nothing that holds for every rule of the proposal (that is at its top). */
export function ruleComments(evidence: RuleEvidence, whole: Sketch, span: Span): readonly string[] {
  const lines = [
    `${evidence.isWeak ? 'WEAK. ' : ''}seen ${spanText(whole)}: ${counted(evidence.conversations, 'conversation')}, ${counted(evidence.packets, 'packet')}, ${amount(evidence.bytes)}`,
  ];
  if (whole.hours.size > 1) lines.push(busiestText(evidence, whole));
  const sizes = [sizeText('sent', whole.sent), sizeText('received', whole.received)].filter((text) => text !== '');
  if (sizes.length > 0) lines.push(`most packets: ${sizes.join(', ')}`);
  if (evidence.unseenMeasured !== null) lines.push(unseenText(evidence, span));
  if (evidence.periodSeconds !== null) lines.push(`begins about every ${evidence.periodSeconds} s`);
  if (evidence.keys.length > TEXTS_MAX) lines.push(`${evidence.keys.length} peers in one rule`);
  return [...lines, ...evidence.remarks].map(oneLine);
}

function busiestText({ hours, hourBytesMax, hourBytesSecond, volumeFactor }: RuleEvidence, whole: Sketch): string {
  const ceiling = volumeFactor === null ? '' : ` (ceiling ${volumeFactor} x)`;
  return `busiest of ${hours} hours ${amount(hourBytesMax)}${ceiling}, next ${amount(hourBytesSecond)}; active ${hoursText(whole)}`;
}

function sizeText(direction: string, sizes: Sizes): string {
  return sizes.count < SIZED_PACKETS_MIN ? '' : `${sizeBand(sizes)} ${direction}`;
}

function unseenText(evidence: RuleEvidence, span: Span): string {
  const last = isDaily(span) ? 'the last two days' : 'the last quarter of the recording';
  const rate = isDaily(span) ? `; under ${round(evidence.newKeysPerDayMax)} new peers a day` : '';
  const measured = evidence.unseenMeasured ?? 0;
  if (evidence.unseenEstimate === 0 && measured === 0) return `nothing new over ${last}${rate}`;
  return `${percent(evidence.unseenEstimate)} of later conversations may be new (Good-Turing), ${percent(measured)} were over ${last}${rate}`;
}

/** `2026-03-02 07:15 to 2026-03-06 09:02 UTC, on 5 days`, or one time where both are the same minute. */
function spanText({ first, last, localDays }: Sketch): string {
  const [from, to] = [minuteText(first), minuteText(last)];
  const days = localDays.size > 1 ? `, on ${counted(localDays.size, 'day')}` : '';
  return from === to
    ? `${from} UTC`
    : `${from} to ${from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to} UTC${days}`;
}

function minuteText(at: Instant): string {
  return instantText(at)
    .replace('T', ' ')
    .replace(/:\d\d(\.\d+)?Z$/, '');
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes to three digits. */
function amount(bytes: number): string {
  const step = bytes < 1_000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1_000 ** step).toPrecision(3))} ${UNITS[step] ?? 'B'}`;
}

/** Texts from the wire must not begin a line of their own in the policy. */
function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, '?').slice(0, 400);
}

function percent(share: number): string {
  return `${round(share * 100)} %`;
}

function round(value: number): string {
  return String(Number(value.toPrecision(2)));
}

/** Local hours with traffic, as runs: `06-09, 17-22`. */
export function hoursText({ localHours }: Sketch): string {
  const runs: string[] = [];
  for (let hour = 0; hour < 24; hour++) {
    if ((localHours[hour] ?? 0) === 0) continue;
    const start = hour;
    while (hour < 23 && (localHours[hour + 1] ?? 0) > 0) hour++;
    runs.push(`${two(start)}-${two(hour + 1)}`);
  }
  return runs.length === 0 ? 'none' : runs.join(', ');
}

function two(hour: number): string {
  return String(hour).padStart(2, '0');
}

export function elementEvidence(
  member: Member,
  { textOf, hidden }: { readonly textOf: (address: number) => string; readonly hidden: HiddenNames },
): ElementEvidence {
  const addresses = member.device === null ? member.addresses : [...member.device.addresses.keys()];
  return {
    id: member.id,
    recognisedBy: member.mac < 0 ? 'address' : member.addresses.length > 0 ? 'mac and address' : 'mac',
    hostName: member.hostName,
    addresses: (member.mac >= 0 ? addresses : member.addresses).map(textOf),
    firstSeen: instantText(member.first),
    lastSeen: instantText(member.last),
    setupUntil: member.setupUntil === null ? null : instantText(member.setupUntil),
    hidesNames: hidden.of(addresses),
  };
}

export function elementComments(evidence: ElementEvidence, isSetupOnly: boolean): readonly string[] {
  const lines = [recognitionText(evidence)];
  if (evidence.hostName !== null) lines.push(`calls itself ${evidence.hostName}`);
  if (evidence.hidesNames.length > 0) lines.push(hidingText(evidence.hidesNames));
  if (evidence.setupUntil !== null)
    lines.push(
      `first contact (set-up): ${clock(evidence.firstSeen)} to ${clock(evidence.setupUntil)} UTC${isSetupOnly ? '; nothing later was recorded, so all its rules are WEAK' : ''}`,
    );
  return lines.map(oneLine);
}

/** An encrypted hello that is mere GREASE looks like a real one, so alone it is no proof. */
function hidingText(ways: readonly string[]): string {
  const verb = ways.every((way) => way.startsWith('ech')) ? 'may hide' : 'hides';
  return `${verb} which names it asks: ${ways.join(', ')}; rules by name cannot hold for what it asks so`;
}

function recognitionText({ recognisedBy, addresses }: ElementEvidence): string {
  const used = addresses.slice(0, TEXTS_MAX).join(', ');
  if (recognisedBy === 'address') return 'by address: no MAC of its own was seen, or it is a router';
  if (recognisedBy === 'mac and address') return 'by MAC, or by address where the traffic shows no MAC';
  return used === '' ? 'by MAC' : `by MAC; used ${used}`;
}

function clock(text: string): string {
  return text.slice(0, 16).replace('T', ' ');
}
