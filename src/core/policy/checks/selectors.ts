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
  const check = (selector: Selector, path: string, isPermitting: boolean): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const leaf of leavesOf(selector)) checkLeaf(leaf, { labels, kinds, path, context });
    if (isPermitting && letsStrangersIn(selector)) warnOfStrangers(context, path);
  };
  for (const service of policy.services) {
    check(service.on, `services.${service.id}.on`, true);
    checkProtected(policy, context, service.id);
  }
  for (const [section, entries] of [
    ['rules', policy.rules],
    ['never', policy.never],
    ['require', policy.require],
  ] as const)
    for (const { id, from, to } of entries) {
      check(from, `${section}.${id}.from`, section === 'rules');
      for (const [at, { id: service, on }] of to.entries())
        if (service === '')
          check(on, placeOf(context, `${section}.${id}.to.${at}`, `${section}.${id}.to`).path, section === 'rules');
    }
}

/** Whether a host of the internet that is no element is meant only because something else is excluded: nobody wrote `any` or `internet`. */
function letsStrangersIn(selector: Selector): boolean {
  return holdsForStranger(selector) && !leavesOf(selector).some(({ kind }) => kind === 'any' || kind === 'internet');
}

/** Addresses, MACs and names are taken not to be the stranger's. */
function holdsForStranger(selector: Selector): boolean {
  switch (selector.kind) {
    case 'any':
    case 'internet':
      return true;
    case 'not':
      return !holdsForStranger(selector.of);
    case 'all':
      return selector.of.every(holdsForStranger);
    case 'either':
      return selector.of.some(holdsForStranger);
    default:
      return false;
  }
}

function warnOfStrangers(context: CheckContext, path: string): void {
  const help =
    'if elements are meant, add what they have in common, for instance "& 10.0.0.0/8" or "& !internet"; else write "any & ..."';
  const message = 'this holds for everybody else as well: strangers and the whole internet';
  context.report.warn(trouble('PICKET-P055', message, help), placeOf(context, path));
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
