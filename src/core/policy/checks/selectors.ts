// Checks of single selectors: labels and kinds that nobody has, sets of ports that say the same twice.

import type { Policy, Selector } from '#model';
import { didYouMean } from '../nearest.ts';
import { quoted, trouble } from '../trouble.ts';
import { type CheckContext, placeOf } from './context.ts';
import { leavesOf } from './universe.ts';

export function checkSelectors(policy: Policy, context: CheckContext): void {
  const labels = new Set(policy.elements.flatMap((element) => element.labels.map(([key, value]) => `${key}=${value}`)));
  const kinds = new Set<string>(policy.elements.map(({ kind }) => kind));
  const seen = new Set<string>();
  const check = (selector: Selector, path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const leaf of leavesOf(selector)) checkLeaf(leaf, { labels, kinds, path, context });
  };
  for (const service of policy.services) {
    check(service.on, `services.${service.id}.on`);
    checkProtected(policy, context, service.id);
  }
  for (const [section, entries] of [
    ['rules', policy.rules],
    ['never', policy.never],
    ['require', policy.require],
  ] as const)
    for (const { id, from, to } of entries) {
      check(from, `${section}.${id}.from`);
      for (const [at, { id: service, on }] of to.entries())
        if (service === '') check(on, placeOf(context, `${section}.${id}.to.${at}`, `${section}.${id}.to`).path);
    }
}

interface Known {
  readonly labels: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
  readonly path: string;
  readonly context: CheckContext;
}

function checkLeaf(leaf: Selector, { labels, kinds, path, context }: Known): void {
  if (leaf.kind === 'label' && !labels.has(`${leaf.key}=${leaf.value}`)) {
    const help = didYouMean(
      `${leaf.key}=${leaf.value}`,
      [...labels],
      'give the label to an element, or mend the selector',
    );
    context.report.warn(
      trouble('PICKET-P043', `no element has the label ${quoted(`${leaf.key}=${leaf.value}`)}`, help),
      placeOf(context, path),
    );
  }
  if (leaf.kind === 'element-kind' && !kinds.has(leaf.value))
    context.report.warn(
      trouble('PICKET-P043', `no element is of kind ${quoted(leaf.value)}`, 'add one, or mend the selector'),
      placeOf(context, path),
    );
}

/** An element in mode protect that lists a service should offer or use it; which one is a matter of rules, so only the plain slip is told. */
function checkProtected(policy: Policy, context: CheckContext, service: string): void {
  for (const element of policy.elements)
    if (element.mode !== 'protect' && element.protect.includes(service))
      context.report.warn(
        trouble(
          'PICKET-P049',
          `element ${quoted(element.id)} lists services to protect but its mode is ${element.mode}`,
          'set mode: protect, or delete "protect"',
        ),
        placeOf(context, `elements.${element.id}.protect`),
      );
}
