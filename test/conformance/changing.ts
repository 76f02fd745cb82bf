// An engine that takes each new policy as one live change where it differs by one rule or one element, and tells rules by where they stand in the policy.

import { type Change, Engine } from '#engine';
import type { Decider, DeciderEvent, Instant, Observation, Policy, Verdict } from '#model';
import { changedPolicy } from './policies.ts';
import type { Random } from './random.ts';
import { randomOf } from './random.ts';
import type { Step, Story } from './stories.ts';
import type { DeciderFactory } from './telling.ts';

class Changing implements Decider {
  readonly #engine: Engine;
  #policy: Policy;
  /** What was told under the policy before. */
  readonly #told: DeciderEvent[] = [];

  constructor(options: Parameters<DeciderFactory>[0]) {
    this.#engine = new Engine(options);
    this.#policy = options.policy;
  }

  judge(observation: Observation, verdict: Verdict): void {
    this.#engine.judge(observation, verdict);
    verdict.rule = this.#indexOf(verdict.rule);
  }

  bindName(binding: Parameters<Decider['bindName']>[0]): void {
    this.#engine.bindName(binding);
  }

  setLogon(...change: Parameters<Decider['setLogon']>): void {
    this.#engine.setLogon(...change);
  }

  setQuarantine(...change: Parameters<Decider['setQuarantine']>): void {
    this.#engine.setQuarantine(...change);
  }

  advance(now: Instant): void {
    this.#engine.advance(now);
  }

  apply(policy: Policy, now: Instant): void {
    this.#engine.advance(now);
    this.#told.push(...this.#mapped());
    const change = changeBetween(this.#policy, policy);
    this.#policy = policy;
    if (change === null) this.#engine.apply(policy, now);
    else if (!this.#engine.change(change, now)) throw new Error(`refused ${JSON.stringify(change)}`);
  }

  takeEvents(): readonly DeciderEvent[] {
    return [...this.#told.splice(0), ...this.#mapped()];
  }

  #mapped(): readonly DeciderEvent[] {
    return this.#engine.takeEvents().map((event) => ({ ...event, rule: this.#indexOf(event.rule) }));
  }

  #indexOf(number: number): number {
    const id = this.#engine.ruleId(number);
    return this.#policy.rules.findIndex((rule) => rule.id === id);
  }
}

export const changing: DeciderFactory = (options) => new Changing(options);

function changeBetween(before: Policy, after: Policy): Change | null {
  const gone = before.rules.filter((rule) => !after.rules.includes(rule));
  const come = after.rules.filter((rule) => !before.rules.includes(rule));
  const element = after.elements.find((one, at) => one !== before.elements[at]);
  if (gone.length + come.length + (element === undefined ? 0 : 1) !== 1) return null;
  if (element !== undefined) return { kind: 'replace-element', element };
  const [removed] = gone;
  if (removed !== undefined) return { kind: 'remove-rule', id: removed.id };
  const [rule] = come;
  if (rule === undefined) return null;
  return { kind: 'add-rule', rule, before: after.rules[after.rules.indexOf(rule) + 1]?.id ?? null };
}

/** The story with each policy applied made one change away from the one before, and changes between its packets. */
export function withSingleChanges(story: Story, seed: number): Story {
  const random = randomOf(seed ^ 0x5bd1e995);
  let policy = story.policy;
  let count = 0;
  const steps = story.steps.map((step): Step => {
    if (step.kind !== 'apply' && !(step.kind === 'packet' && random.chance(0.15))) return step;
    policy = changed(random, { story, policy, name: `x${count++}` });
    return { kind: 'apply', at: step.at, policy };
  });
  return { ...story, steps };
}

function changed(random: Random, { story, policy, name }: { story: Story; policy: Policy; name: string }): Policy {
  const { rules, elements } = policy;
  const other = changedPolicy({ random, zone: policy.timezone, start: story.start }, story.policy);
  const way = random.whole(0, 3);
  const at = random.whole(0, rules.length);
  if (way === 0 && rules.length > 1) return { ...policy, rules: rules.toSpliced(at % rules.length, 1) };
  if (way === 1) {
    const index = random.whole(0, elements.length - 1);
    const element = elements[index];
    const donor = elements[random.whole(0, elements.length - 1)];
    if (element === undefined || donor === undefined) return policy;
    const { labels, kind, mode, protect } = donor;
    const isMoved = random.chance(0.2);
    const traits = {
      labels: [...labels],
      kind,
      mode,
      protect,
      addresses: isMoved ? donor.addresses : element.addresses,
    };
    return { ...policy, elements: elements.with(index, { ...element, ...traits }) };
  }
  const source = other.rules[random.whole(0, other.rules.length - 1)];
  if (source === undefined) return policy;
  // Now and then a rule that was taken out before comes back under its id.
  const known = story.policy.rules.find(({ id }) => !rules.some((rule) => rule.id === id));
  const rule = known !== undefined && random.chance(0.4) ? { ...known } : { ...source, id: name };
  return { ...policy, rules: rules.toSpliced(at, 0, rule) };
}
