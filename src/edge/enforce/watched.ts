// The kernel's share of a policy where somebody else watches the rest: an engine that judges the packets that pass, and cuts the session.
// Wider than the policy for as long as that takes, so only for whoever really watches. Not what the table does alone: alone it denies.

import type { Policy, Rule, Service } from '#model';
import { KERNEL_APPLICATIONS } from './holdable.ts';

const TCP = 6;

/** The policy without operations, and without applications that first bytes of TCP do not tell. Rules keep their order and their other limits. */
export function kernelShare(policy: Policy): Policy {
  return { ...policy, rules: policy.rules.map(shareOfRule) };
}

/** Whether something of the policy rests on the watcher. */
export function needsWatcher({ rules }: Policy): boolean {
  return rules.some((rule) => rule.limits.operations !== null || rule.to.some(isUntold));
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
