// Label selectors of Kubernetes as selectors of a policy, twice: as narrow and as wide as they can be said. Both are the same where all of it can be said.

import type { Selector } from '#model';
import { isLabel } from '../draft/plain.ts';
import { ANYONE, allOf, eitherOf, labelled, NOBODY, notOf } from '../draft/selectors.ts';
import { at, isMap, isOddList, keysOf, listAt, textAt, textsAt } from '../draft/values.ts';

export interface Bounds {
  /** Holds for no pod that the foreign selector does not hold for: what a permission uses. */
  readonly narrow: Selector;
  /** Holds for every pod that the foreign selector holds for: what isolation uses. */
  readonly wide: Selector;
  /** What cannot be said. */
  readonly unsaid: readonly string[];
}

/** Pods are elements of this kind, so that "not these labels" is still about pods. */
export const POD: Selector = { kind: 'element-kind', value: 'instance' };

export function exactly(selector: Selector): Bounds {
  return { narrow: selector, wide: selector, unsaid: [] };
}

function bothBounds(parts: readonly Bounds[]): Bounds {
  return {
    narrow: allOf(parts.map(({ narrow }) => narrow)),
    wide: allOf(parts.map(({ wide }) => wide)),
    unsaid: parts.flatMap(({ unsaid }) => unsaid),
  };
}

function unsaid(what: string): Bounds {
  return { narrow: NOBODY, wide: ANYONE, unsaid: [what] };
}

export type Place = 'pod' | 'namespace';

/** `{}` holds for every pod or namespace. Anything that is no selector holds for none, as far as permissions go. */
export function boundsOf(selector: unknown, place: Place): Bounds {
  if (!isMap(selector)) return unsaid('a selector that is no map');
  const odd = keysOf(selector).filter((key) => key !== 'matchLabels' && key !== 'matchExpressions');
  const labels = at(selector, 'matchLabels') ?? {};
  if (!isMap(labels) || isOddList(selector, 'matchExpressions')) return unsaid('a selector of another shape');
  const parts = keysOf(labels).map((key) => {
    const value = textAt(labels, key);
    return value === null ? unsaid(`the label ${key} without a text`) : isOneOf(key, [value], place);
  });
  const expressions = listAt(selector, 'matchExpressions').map((expression) => expressed(expression, place));
  return bothBounds([...parts, ...expressions, ...odd.map((key) => unsaid(`the field ${key}`))]);
}

function expressed(expression: unknown, place: Place): Bounds {
  const key = textAt(expression, 'key') ?? '';
  const operator = textAt(expression, 'operator') ?? '';
  const values = textsAt(expression, 'values');
  if (operator === 'In') return isOneOf(key, values, place);
  // A pod without the key at all is "not in" as well, and so it is in a policy.
  if (operator === 'NotIn') return not(isOneOf(key, values, place));
  return unsaid(`the expression ${key} ${operator}`);
}

function not({ narrow, wide, unsaid: all }: Bounds): Bounds {
  return { narrow: notOf(wide), wide: notOf(narrow), unsaid: all };
}

function isOneOf(key: string, values: readonly string[], place: Place): Bounds {
  const name = labelKey(key, place);
  const known = values.filter((value) => isLabel(name, value));
  const said = eitherOf(known.map((value) => labelled(name, value)));
  if (known.length === values.length) return exactly(said);
  return { narrow: said, wide: ANYONE, unsaid: [`the label ${key} with a value that a policy cannot name`] };
}

/** Label of every namespace that Kubernetes itself sets to the namespace's name. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/** How a label of a pod, or of its namespace, is called on the pod's element. */
function labelKey(key: string, place: Place): string {
  if (place === 'namespace') return key === NAMESPACE_NAME ? 'namespace' : `namespace/${key}`;
  return key === 'kind' || key === 'name' || key === 'namespace' || key.startsWith('namespace/') ? `pod/${key}` : key;
}
