// Pooling: devices of one maker that do the same share one set of rules. Equal means the same services with the same far ends, nothing less.

import { macText } from '#model';
import type { Draft } from './drafts.ts';
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
  const byMember = groupBy(drafts, ({ members: [member] }) => member);
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
    const [first, ...others] = known.map((member) => (byMember.get(member) ?? []).toSorted(byService));
    if (first !== undefined)
      pooled.push(
        ...first.map((draft, at) =>
          join(
            draft,
            others.flatMap((own) => own[at] ?? []),
          ),
        ),
      );
  }
  return { drafts: pooled, pools };
}

/** '' for what is never pooled: an element that is recognised by address has no maker. */
function likeness(member: Member | undefined, drafts: readonly Draft[]): string {
  if (member === undefined || member.mac < 0) return '';
  return `${maker(member)} ${drafts.map(serviceText).sort().join(' ; ')}`;
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

function byService(one: Draft, other: Draft): number {
  return serviceText(one) < serviceText(other) ? -1 : 1;
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
    keysOnce: all.length > 1 ? 0 : draft.keysOnce,
    lastNewKey: Math.min(...all.map(({ lastNewKey }) => lastNewKey)),
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
