// What was learned, less what the policy in force has already: learned elements that it knows under another name take that name, and so do services. What is
// left is proposed. Not the learning, and not the telling.

import type { Element, Policy, Rule, Selector, Service } from '#model';
import { freeName, type PolicyEntry, policyEntries, selectorText } from '#policy';

export interface ProposedEntry {
  readonly section: 'elements' | 'services' | 'rules';
  readonly entry: string;
  readonly json: string;
  /** Where the learner's comments on it stand. */
  readonly learnedAs: string;
}

/** Entries that would be added to `inForce`, in the order of the document: elements before services before rules. */
export function proposedEntries(learned: Policy, inForce: Policy): readonly ProposedEntry[] {
  const elements = matched(learned.elements, inForce.elements, elementFinder(inForce.elements));
  const ends: Names = new Map([...elements.names, ...addressNames(inForce.elements)]);
  const services = matched(
    learned.services.map((service) => renamedService(service, ends)),
    inForce.services,
    finderByText(inForce.services, serviceKey),
  );
  const rules = matched(
    learned.rules.map((rule) => renamedRule(rule, { elements: ends, services: services.names })),
    inForce.rules,
    finderByText(inForce.rules, ruleKey),
  );
  const policy = { ...inForce, elements: elements.fresh, services: services.fresh, rules: rules.fresh };
  const learnedAs = new Map(
    [['elements', elements] as const, ['services', services] as const, ['rules', rules] as const].flatMap(
      ([section, { names }]) => [...names].map(([was, is]) => [`${section}.${is}`, `${section}.${was}`]),
    ),
  );
  return policyEntries(policy).flatMap(({ section, id: entry, json }) =>
    isProposed(section) ? [{ section, entry, json, learnedAs: learnedAs.get(`${section}.${entry}`) ?? '' }] : [],
  );
}

function isProposed(section: PolicyEntry['section']): section is ProposedEntry['section'] {
  return section === 'elements' || section === 'services' || section === 'rules';
}

/** An address that is an element's is said by its name. */
function addressNames(elements: readonly Element[]): readonly (readonly [string, string])[] {
  return elements.flatMap(({ id, addresses }) => addresses.map((address) => [JSON.stringify(address), id] as const));
}

interface Named {
  readonly id: string;
}

/** Those that are not in force, under names that are free there, and the names of all. */
function matched<Row extends Named>(
  learned: readonly Row[],
  inForce: readonly Named[],
  find: (row: Row) => string | null,
): { readonly fresh: readonly Row[]; readonly names: ReadonlyMap<string, string> } {
  const taken = new Set(inForce.map(({ id }) => id));
  const names = new Map<string, string>();
  const fresh: Row[] = [];
  for (const row of learned) {
    const known = find(row);
    const id = known ?? (taken.has(row.id) ? freeName(row.id, taken) : row.id);
    names.set(row.id, id);
    if (known !== null) continue;
    taken.add(id);
    fresh.push({ ...row, id });
  }
  return { fresh, names };
}

/** By a MAC or an address that both have. */
function elementFinder(elements: readonly Element[]): (element: Element) => string | null {
  const known = new Map(elements.flatMap((element) => marksOf(element).map((mark) => [mark, element.id] as const)));
  return (element) => {
    const mark = marksOf(element).find((one) => known.has(one));
    return mark === undefined ? null : (known.get(mark) ?? null);
  };
}

function marksOf({ macs, addresses }: Element): readonly string[] {
  return [...macs.map((mac) => `mac ${mac}`), ...addresses.map((address) => `address ${JSON.stringify(address)}`)];
}

function finderByText<Row extends Named>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): (row: Row) => string | null {
  const known = new Map(rows.map((row) => [keyOf(row), row.id]));
  return (row) => known.get(keyOf(row)) ?? null;
}

/** What a service is, whatever it is called. */
function serviceKey({ on, protocol, ports, application, isLogonRequired }: Service): string {
  return JSON.stringify([selectorText(on), protocol, ports, application, isLogonRequired]);
}

/** Who may use what. A rule that is in force keeps the limits that somebody gave it. */
function ruleKey({ from, to }: Rule): string {
  return JSON.stringify([selectorText(from), to.map(serviceKey).toSorted()]);
}

type Names = ReadonlyMap<string, string>;

function renamedService<Row extends Service>(service: Row, elements: Names): Row {
  return { ...service, on: renamed(service.on, elements) };
}

function renamedRule(rule: Rule, { elements, services }: { readonly elements: Names; readonly services: Names }): Rule {
  const to = rule.to.map((service) => ({
    ...renamedService(service, elements),
    id: services.get(service.id) ?? service.id,
  }));
  return { ...rule, from: renamed(rule.from, elements), to };
}

function renamed(selector: Selector, names: Names): Selector {
  switch (selector.kind) {
    case 'element':
      return { ...selector, id: names.get(selector.id) ?? selector.id };
    case 'prefix': {
      const id = names.get(JSON.stringify(selector.prefix));
      return id === undefined ? selector : { kind: 'element', id };
    }
    case 'not':
      return { ...selector, of: renamed(selector.of, names) };
    case 'all':
    case 'either':
      return { ...selector, of: selector.of.map((part) => renamed(part, names)) };
    default:
      return selector;
  }
}
