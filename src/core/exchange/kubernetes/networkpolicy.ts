// Kubernetes NetworkPolicy (networking.k8s.io/v1): YAML with several documents, lists, and JSON of kubectl.
// A connection between two pods needs both: egress of the one and ingress of the other. Rules of the policy are therefore intersections.

import type { Problem, Selector } from '#model';
import type { Origin } from '../draft/boxes.ts';
import { isProblem, readYaml } from '../draft/documents.ts';
import { Draft } from '../draft/draft.ts';
import { isLabel, plainText } from '../draft/plain.ts';
import { filesOf, type OpenOptions, refusal, type Source, TOO_LARGE, UNREADABLE } from '../draft/refusal.ts';
import { allOf, eitherOf, labelled } from '../draft/selectors.ts';
import { meetSides } from '../draft/sides.ts';
import type { Entry } from '../draft/stages.ts';
import { at, isMap, isOddList, listAt, textAt } from '../draft/values.ts';
import type { Imported } from '../imported.ts';
import { peersOf, portsOf } from './peers.ts';
import { boundsOf, POD } from './selectors.ts';

/** Objects of one text; a large cluster has hundreds. */
const OBJECTS_MAX = 20_000;
/** Lists in lists: kubectl prints one level. */
const LISTS_MAX = 4;

/** All texts are one cluster: whether a pod is isolated is a matter of all policies together. */
export function importNetworkPolicies(
  sources: readonly Source[],
  { isOpen = false }: OpenOptions = {},
): Imported | Problem {
  const objects: unknown[] = [];
  for (const { text, file } of sources) {
    const read = readYaml(text, file);
    if (isProblem(read)) return read;
    objects.push(...objectsOf(read, 0));
  }
  if (objects.length > OBJECTS_MAX) return refusal(TOO_LARGE, `the text has more than ${OBJECTS_MAX} objects`);
  const draft = new Draft();
  const sides: Sides = { out: [], into: [], outHeld: [], intoHeld: [] };
  let count = 0;
  for (const [index, object] of objects.entries()) {
    if (textAt(object, 'kind') === 'NetworkPolicy' && isApi(object)) {
      const problem = addPolicy(object, { draft, sides, index });
      if (problem !== null) return problem;
      count++;
    } else dropObject(object, index, draft);
  }
  if (count === 0) return refusal(UNREADABLE, 'the text has no NetworkPolicy of networking.k8s.io/v1');
  draft.addOutcome(
    meetSides(
      { entries: sides.out, held: eitherOf(sides.outHeld) },
      { entries: sides.into, held: eitherOf(sides.intoHeld) },
      { draft, what: 'selected by a policy for that direction', isOpen },
    ),
  );
  draft.drop(
    'every pod',
    'traffic with its own node, and with itself',
    'Kubernetes always permits it and the policy does not, so it permits less',
  );
  draft.ask(
    'Which pods are there? Write each as an element of kind instance with its addresses, its labels, the label "namespace: <name>", and "namespace/<key>: <value>" for labels of its namespace. Labels called kind, name or namespace are written pod/kind, pod/name, pod/namespace. No other element is of kind instance.',
  );
  return draft.finish(`Kubernetes NetworkPolicy (${filesOf(sources)})`);
}

function objectsOf(values: readonly unknown[], depth: number): readonly unknown[] {
  return values.flatMap((value) => {
    const isList = Array.isArray(at(value, 'items')) && (textAt(value, 'kind') ?? '').endsWith('List');
    return isList && depth < LISTS_MAX ? objectsOf(listAt(value, 'items'), depth + 1) : [value];
  });
}

function isApi(object: unknown): boolean {
  return textAt(object, 'apiVersion') === 'networking.k8s.io/v1';
}

/** Policies of other kinds may deny as well as permit. */
const OTHER_POLICIES =
  /^(Admin|BaselineAdmin|Cluster|Cilium|CiliumClusterwide|Global|Staged|Antrea)\w*NetworkPolicy$|^\w*NetworkPolicy$/;

function dropObject(object: unknown, index: number, draft: Draft): void {
  const kind = textAt(object, 'kind') ?? 'no kind';
  const place = `${kind} ${textAt(at(object, 'metadata'), 'name') ?? `object ${index + 1}`}`;
  if (OTHER_POLICIES.test(kind))
    draft.drop(
      place,
      `a ${kind}`,
      'only NetworkPolicy of networking.k8s.io/v1 is read; the policy permits more where this one denies, and less where it permits',
    );
  else
    draft.drop(
      place,
      'an object that is no NetworkPolicy',
      'it says nothing about who may talk to whom; the policy is the same without it',
    );
}

interface Sides {
  readonly out: Entry[];
  readonly into: Entry[];
  readonly outHeld: Selector[];
  readonly intoHeld: Selector[];
}

interface Adding {
  readonly draft: Draft;
  readonly sides: Sides;
  readonly index: number;
}

function addPolicy(object: unknown, { draft, sides, index }: Adding): Problem | null {
  const metadata = at(object, 'metadata');
  const name = textAt(metadata, 'name') ?? `policy-${index + 1}`;
  const stated = textAt(metadata, 'namespace');
  const namespace = stated ?? 'default';
  const spec = at(object, 'spec');
  // Nothing here can be guessed: a policy that selects unknown pods would isolate unknown pods.
  if (!isLabel('namespace', namespace))
    return refusal(UNREADABLE, `NetworkPolicy "${plainText(name)}" has a namespace that cannot be named`);
  if (!isMap(spec)) return refusal(UNREADABLE, `NetworkPolicy "${plainText(name)}" has no spec`);
  if (stated === null)
    draft.ask(`NetworkPolicy ${plainText(name)} names no namespace. It was taken as "default"; is that so?`);
  const place = `${namespace}/${name}`;
  const bounds = boundsOf(at(spec, 'podSelector') ?? {}, 'pod');
  const own = [POD, labelled('namespace', namespace)];
  for (const what of bounds.unsaid)
    draft.drop(
      `${place} spec.podSelector`,
      what,
      'more pods are isolated and fewer permitted, so the policy permits less',
    );
  const types = typesOf(spec);
  const target = allOf([...own, bounds.narrow]);
  for (const [type, key, peerKey] of DIRECTIONS) {
    if (!types.has(type)) continue;
    const isOut = type === 'Egress';
    (isOut ? sides.outHeld : sides.intoHeld).push(allOf([...own, bounds.wide]));
    for (const [at, rule] of listAt(spec, key).entries()) {
      const origin = {
        id: `${namespace}-${name}-${isOut ? 'out' : 'in'}`,
        place: `${place} spec.${key}[${at}]`,
        why: null,
      };
      const entry = entryOf(rule, { draft, namespace, target, isOut, peerKey, origin });
      if (entry !== null) (isOut ? sides.out : sides.into).push(entry);
    }
  }
  return null;
}

const DIRECTIONS = [
  ['Ingress', 'ingress', 'from'],
  ['Egress', 'egress', 'to'],
] as const;

/** Without policyTypes: ingress always, egress where there is an egress rule (defaulting of the API). */
function typesOf(spec: unknown): ReadonlySet<unknown> {
  if (isOddList(spec, 'policyTypes')) return new Set(['Ingress', 'Egress']);
  const stated = listAt(spec, 'policyTypes');
  if (stated.length > 0) return new Set(stated);
  return new Set(listAt(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress']);
}

interface Rule {
  readonly draft: Draft;
  readonly namespace: string;
  readonly target: Selector;
  readonly isOut: boolean;
  readonly peerKey: 'from' | 'to';
  readonly origin: Origin;
}

const FIELDS: readonly string[] = ['from', 'to', 'ports'];

function entryOf(rule: unknown, { draft, namespace, target, isOut, peerKey, origin }: Rule): Entry | null {
  const odd = isMap(rule) ? Object.keys(rule).filter((key) => key !== peerKey && key !== 'ports') : [''];
  if (odd.length > 0) {
    const what = odd.some((key) => FIELDS.includes(key))
      ? `"${odd[0]}" in a rule of the other direction`
      : 'a rule with unknown fields';
    draft.drop(origin.place, what, 'the rule is left out, so the policy permits less');
    return null;
  }
  const facts = { draft, place: origin.place, namespace };
  const peer = peersOf(rule, peerKey, facts);
  const traffic = portsOf(rule, facts);
  const ends = isOut ? { from: target, to: peer } : { from: peer, to: target };
  return { verdict: 'permit', box: { ...ends, traffic, limits: null, origin } };
}
