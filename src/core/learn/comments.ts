// Evidence in words: the comment lines above each rule and element, and the same as data. Not the printer of policies.

import { DAY, type Instant, instantText } from '#model';
import type { Draft } from './drafts.ts';
import { type Limited, largestHours, sizeBand } from './limits.ts';
import type { ElementEvidence, RuleEvidence } from './proposal.ts';
import type { Member } from './roster.ts';
import { periodSeconds, type Sketch } from './sketch.ts';

const TEXTS_MAX = 6;

export interface EvidenceInput {
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
    unseenEstimate: whole.conversations === 0 ? 1 : draft.keysOnce / whole.conversations,
    newKeysPerDayMax: 3 / Math.max((end - draft.lastNewKey) / DAY, 1 / 24),
    unseenMeasured: draft.unseen,
    periodSeconds: periodSeconds(whole),
    keys: [...new Set(draft.parts.flatMap(({ farTexts }) => farTexts))],
    isWeak: draft.isWeak,
    remarks: [...draft.remarks, ...limited.remarks],
  };
}

export function ruleComments(evidence: RuleEvidence, whole: Sketch): readonly string[] {
  const lines = [
    `${evidence.isWeak ? 'WEAK. ' : ''}seen ${evidence.firstSeen} to ${evidence.lastSeen} on ${counted(evidence.days, 'day')}: ${counted(evidence.conversations, 'conversation')}, ${counted(evidence.packets, 'packet')}, ${evidence.bytes} B`,
    `hours ${hoursText(whole)}; most in one hour ${evidence.hourBytesMax} B, next ${evidence.hourBytesSecond} B`,
    `sizes sent ${sizeBand(whole.sent)}, received ${sizeBand(whole.received)}`,
    `unseen share about ${percent(evidence.unseenEstimate)} (Good-Turing)${measured(evidence)}; fewer than ${round(evidence.newKeysPerDayMax)} new peers a day (95 %, rule of three)`,
  ];
  if (evidence.periodSeconds !== null) lines.push(`begins about every ${evidence.periodSeconds} s`);
  if (evidence.keys.length > TEXTS_MAX) lines.push(`${evidence.keys.length} peers in one rule`);
  return [...lines, ...evidence.remarks].map(oneLine);
}

function measured({ unseenMeasured }: RuleEvidence): string {
  return unseenMeasured === null ? ', too short to measure' : `, ${percent(unseenMeasured)} on the last two days`;
}

/** Texts from the wire must not begin a line of their own in the policy. */
function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, '?').slice(0, 400);
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
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

export function elementEvidence(member: Member, textOf: (address: number) => string): ElementEvidence {
  const addresses = member.device === null ? member.addresses : [...member.device.addresses.keys()];
  return {
    id: member.id,
    recognisedBy: member.mac < 0 ? 'address' : member.addresses.length > 0 ? 'mac and address' : 'mac',
    hostName: member.hostName,
    addresses: (member.mac >= 0 ? addresses : member.addresses).map(textOf),
    firstSeen: instantText(member.first),
    lastSeen: instantText(member.last),
    setupUntil: member.setupUntil === null ? null : instantText(member.setupUntil),
  };
}

export function elementComments(evidence: ElementEvidence): readonly string[] {
  const used = evidence.addresses.slice(0, TEXTS_MAX).join(', ');
  const how =
    evidence.recognisedBy === 'mac'
      ? `recognised by its MAC; addresses used: ${used === '' ? 'none' : used}`
      : 'recognised by its address: no MAC of its own was seen, or it is a router';
  const lines = [`${how}`];
  if (evidence.hostName !== null) lines.push(`calls itself ${evidence.hostName}`);
  if (evidence.setupUntil !== null)
    lines.push(`first contact period (set-up): ${evidence.firstSeen} to ${evidence.setupUntil}`);
  return lines.map(oneLine);
}
