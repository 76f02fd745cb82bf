// The kernel's share of a policy where somebody else watches the rest: an engine that judges the packets that pass, and cuts the session.
// Wider than the policy for as long as that takes, so only for whoever really watches. Not what the table does alone: alone it denies.

import type { Policy, Rule, Service } from '#model';
import { KERNEL_APPLICATIONS } from './holdable.ts';
import type { NotHeld, NotHeldSubject } from './not-held.ts';

const TCP = 6;

/** The policy without operations, and without applications that first bytes of TCP do not tell. Rules keep their order and their other limits. */
export function kernelShare(policy: Policy): Policy {
  return { ...policy, rules: policy.rules.map(shareOfRule) };
}

/** What of the policy rests on the watcher, by rule. */
export function watchedNotes({ rules }: Policy): readonly NotHeld[] {
  return rules.flatMap((rule) => {
    const where = `rules.${rule.id}`;
    const message = 'judged from the packets that pass: the first may pass before the session is cut';
    const note = (subject: NotHeldSubject): NotHeld => ({ where, subject, effect: 'elsewhere', message });
    return [
      ...(rule.limits.operations === null ? [] : [note('operations')]),
      ...(rule.to.some(isUntold) ? [note('application')] : []),
    ];
  });
}

function shareOfRule(rule: Rule): Rule {
  if (rule.limits.operations === null && !rule.to.some(isUntold)) return rule;
  const to = rule.to.map((service) => (isUntold(service) ? { ...service, application: null } : service));
  return { ...rule, to, limits: { ...rule.limits, operations: null } };
}

function isUntold({ application, protocol }: Service): boolean {
  if (application === null) return false;
  return protocol !== TCP || !KERNEL_APPLICATIONS.includes(application);
}
