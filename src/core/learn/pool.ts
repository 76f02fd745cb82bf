// Pooling: devices of one maker that begin the same services towards the same ends share the rules they have in common.

import { macText } from '#model';
import type { Draft } from './draft.ts';
import { groupBy } from './group.ts';
import type { Member } from './roster.ts';

export interface Pool {
  /** Value of the label `model`. */
  readonly model: string;
  readonly members: readonly Member[];
}

/** Drafts with those of equal devices joined, and the pools made. */
export function poolDrafts(drafts: readonly Draft[]): {
  readonly drafts: readonly Draft[];
  readonly pools: readonly Pool[];
} {
  const shared = drafts.filter(({ isShared }) => isShared);
  const byMember = groupBy(
    drafts.filter(({ isShared }) => !isShared),
    ({ members: [member] }) => member,
  );
  const alike = groupBy(byMember.keys(), (member) => likeness(member, byMember.get(member) ?? []));
  const pooled: Draft[] = [];
  const pools: Pool[] = [];
  for (const [key, members] of alike) {
    const known = members.filter((member) => member !== undefined);
    if (known.length < 2 || key === '') {
      for (const member of members) pooled.push(...(byMember.get(member) ?? []));
      continue;
    }
    pools.push({ model: modelOf(known, pools), members: known });
    pooled.push(...joinCommon(known.map((member) => byMember.get(member) ?? [])));
  }
  return { drafts: [...shared, ...pooled], pools };
}

/** What all members do is joined; what only some do stays with each of them. */
function joinCommon(byMember: readonly (readonly Draft[])[]): readonly Draft[] {
  const byText = byMember.map((drafts) => new Map(drafts.map((draft) => [serviceText(draft), draft])));
  const joined: Draft[] = [];
  const own: Draft[] = [];
  for (const [at, drafts] of byMember.entries())
    for (const draft of drafts) {
      const text = serviceText(draft);
      const alike = byText.flatMap((texts) => texts.get(text) ?? []);
      if (alike.length < byMember.length) own.push(draft);
      else if (at === 0) joined.push(join(draft, alike.slice(1)));
    }
  return [...joined, ...own];
}

/**
 * Equal devices begin the same services towards the same names; what others ask of them may differ.
 * '' for what is never pooled: an element that is recognised by address has no maker, one that begins nothing has no model.
 */
function likeness(member: Member | undefined, drafts: readonly Draft[]): string {
  if (member === undefined || member.mac < 0) return '';
  const begun = drafts.filter(({ direction }) => direction === 'out');
  const outside = begun.filter(({ scope }) => scope === 'internet');
  const telling = outside.length > 0 ? outside : begun;
  return telling.length === 0 ? '' : `${maker(member)} ${telling.map(serviceText).sort().join(' ; ')}`;
}

function maker({ mac }: Member): string {
  return macText(mac).replaceAll(':', '').slice(0, 6);
}

function serviceText({ direction, parts }: Draft): string {
  const services = parts.map(
    ({ protocol, ports, farTexts }) =>
      `${protocol} ${ports.map(({ from, to }) => `${from}-${to}`).join()} ${farTexts.join()}`,
  );
  return `${direction} ${services.join(' + ')}`;
}

function join(draft: Draft, others: readonly Draft[]): Draft {
  const all = [draft, ...others];
  return {
    ...draft,
    members: all.flatMap(({ members }) => members),
    sketches: all.flatMap(({ sketches }) => sketches),
    parts: draft.parts,
    unseen: all.reduce<number | null>(
      (worst, { unseen }) => (unseen === null ? worst : Math.max(worst ?? 0, unseen)),
      null,
    ),
    keys: all.reduce((sum, { keys }) => sum + keys, 0),
    keysOnce: all.reduce((sum, { keysOnce }) => sum + keysOnce, 0),
    lastNewKey: Math.max(...all.map(({ lastNewKey }) => lastNewKey)),
    isWeak: all.every(({ isWeak }) => isWeak),
    remarks: [...new Set(all.flatMap(({ remarks }) => remarks))],
  };
}

function modelOf(members: readonly Member[], pools: readonly Pool[]): string {
  const [first] = members;
  const base = first === undefined ? 'model' : `${maker(first)}`;
  const taken = pools.filter(({ model }) => model === base || model.startsWith(`${base}-`)).length;
  return taken === 0 ? base : `${base}-${taken + 1}`;
}
