// What changed between two policies, entry by entry. Meaning is compared, not text.

import type { Policy } from '#model';

export type ChangedSection = 'policy' | 'elements' | 'services' | 'rules' | 'never' | 'require' | 'tests';

export interface PolicyChange {
  readonly section: ChangedSection;
  /** Id of the entry; the field for section `policy`; the sentence for `tests`. */
  readonly id: string;
  readonly kind: 'added' | 'removed' | 'changed' | 'moved';
  /** Names of the model's fields that differ, for `changed`. */
  readonly fields: readonly string[];
  /** Positions from 1 in the old and the new order, for `moved`. */
  readonly from: number | null;
  readonly to: number | null;
}

/** Changes in the order of the document. `moved` is told for rules only, whose order decides; of a swap, the fewest moves are told. */
export function diffPolicies(before: Policy, after: Policy): readonly PolicyChange[] {
  const settings = (['timezone', 'mode'] as const).filter((field) => before[field] !== after[field]);
  return [
    ...settings.map((field) => change('policy', field, 'changed', [field])),
    ...sectionChanges('elements', before.elements, after.elements),
    ...sectionChanges('services', before.services, after.services),
    ...sectionChanges('rules', before.rules, after.rules),
    ...moves(before, after),
    ...sectionChanges('never', before.never, after.never),
    ...sectionChanges('require', before.require, after.require),
    ...testChanges(before, after),
  ];
}

function change(
  section: ChangedSection,
  id: string,
  kind: PolicyChange['kind'],
  fields: readonly string[] = [],
): PolicyChange {
  return { section, id, kind, fields, from: null, to: null };
}

function sectionChanges<Entry extends { readonly id: string }>(
  section: ChangedSection,
  before: readonly Entry[],
  after: readonly Entry[],
): readonly PolicyChange[] {
  const old = new Map(before.map((entry) => [entry.id, entry]));
  const ids = new Set(after.map(({ id }) => id));
  const removed = before.filter(({ id }) => !ids.has(id)).map(({ id }) => change(section, id, 'removed'));
  const rest = after.flatMap((entry) => {
    const known = old.get(entry.id);
    if (known === undefined) return [change(section, entry.id, 'added')];
    const fields = changedFields(known, entry);
    return fields.length === 0 ? [] : [change(section, entry.id, 'changed', fields)];
  });
  return [...removed, ...rest];
}

function changedFields(before: object, after: object): readonly string[] {
  const old = new Map<string, unknown>(Object.entries(before));
  return Object.entries(after).flatMap(([field, value]) =>
    JSON.stringify(old.get(field)) === JSON.stringify(value) ? [] : [field],
  );
}

function moves({ rules: before }: Policy, { rules: after }: Policy): readonly PolicyChange[] {
  const ids = new Set(after.map(({ id }) => id));
  const shared = before.filter(({ id }) => ids.has(id)).map(({ id }) => id);
  const rank = new Map(shared.map((id, at) => [id, at]));
  const order = after.filter(({ id }) => rank.has(id)).map(({ id }) => id);
  const staying = longestRising(order.map((id) => rank.get(id) ?? 0));
  return order.flatMap((id) => {
    if (staying.has(rank.get(id) ?? 0)) return [];
    const from = before.findIndex((rule) => rule.id === id) + 1;
    const to = after.findIndex((rule) => rule.id === id) + 1;
    return [{ ...change('rules', id, 'moved'), from, to }];
  });
}

/** The values of one longest rising run of a permutation: what has these ranks did not move. */
export function longestRising(values: readonly number[]): ReadonlySet<number> {
  const tops: number[] = [];
  const previous = new Map<number, number | undefined>();
  for (const value of values) {
    let at = 0;
    for (let high = tops.length; at < high; ) {
      const middle = (at + high) >> 1;
      if ((tops[middle] ?? 0) < value) at = middle + 1;
      else high = middle;
    }
    previous.set(value, tops[at - 1]);
    tops[at] = value;
  }
  const run = new Set<number>();
  for (let value = tops.at(-1); value !== undefined; value = previous.get(value)) run.add(value);
  return run;
}

function testChanges({ tests: before }: Policy, { tests: after }: Policy): readonly PolicyChange[] {
  const old = new Set(before.map(({ text }) => text));
  const now = new Set(after.map(({ text }) => text));
  return [
    ...[...old].filter((text) => !now.has(text)).map((text) => change('tests', text, 'removed')),
    ...[...now].filter((text) => !old.has(text)).map((text) => change('tests', text, 'added')),
  ];
}
