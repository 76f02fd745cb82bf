// Where two deciders answer a story differently, and the smallest story that still shows it.

import type { Story } from './stories.ts';
import { type DeciderFactory, type Told, tellStory } from './telling.ts';

export interface Difference {
  readonly story: Story;
  readonly one: string;
  readonly other: string;
}

/** Tries of leaving something out; each costs a telling. */
const TRIES_MAX = 2_000;

function answerText(told: Told | undefined): string {
  return JSON.stringify({ answer: told?.answer, events: told?.events });
}

/** The first differing step, or null. An error thrown is an answer too. */
export function differenceIn(story: Story, one: DeciderFactory, other: DeciderFactory): Difference | null {
  return differenceOf(story, tellSafely(story, one), tellSafely(story, other));
}

/** The same of what was told already. */
export function differenceOf(
  story: Story,
  told: readonly Told[] | string,
  against: readonly Told[] | string,
): Difference | null {
  if (typeof told === 'string' || typeof against === 'string')
    return { story, one: textOf(told), other: textOf(against) };
  const at = told.findIndex((step, index) => answerText(step) !== answerText(against[index]));
  if (at === -1) return null;
  return {
    story: { ...story, steps: story.steps.slice(0, at + 1) },
    one: answerText(told[at]),
    other: answerText(against[at]),
  };
}

function textOf(told: readonly Told[] | string): string {
  return typeof told === 'string' ? told : 'answers';
}

export function tellSafely(story: Story, factory: DeciderFactory): readonly Told[] | string {
  try {
    return tellStory(story, factory);
  } catch (problem) {
    return `throws ${problem instanceof Error ? (problem.stack ?? problem.message) : String(problem)}`;
  }
}

/** Leaves out steps, rules, elements and limits as long as a difference remains. */
export function smallest(difference: Difference, one: DeciderFactory, other: DeciderFactory): Difference {
  let best = difference;
  let tries = 0;
  let isSmaller = true;
  while (isSmaller && tries < TRIES_MAX) {
    isSmaller = false;
    for (const story of smallerStories(best.story)) {
      tries++;
      const found = differenceIn(story, one, other);
      if (found === null) continue;
      best = found;
      isSmaller = true;
      break;
    }
  }
  return best;
}

function* smallerStories(story: Story): Generator<Story> {
  for (const at of story.steps.keys()) yield { ...story, steps: story.steps.toSpliced(at, 1) };
  const { policy } = story;
  for (const at of policy.rules.keys()) yield { ...story, policy: { ...policy, rules: policy.rules.toSpliced(at, 1) } };
  for (const at of policy.elements.keys())
    yield { ...story, policy: { ...policy, elements: policy.elements.toSpliced(at, 1) } };
  if (policy.never.length > 0) yield { ...story, policy: { ...policy, never: [] } };
  if (policy.require.length > 0) yield { ...story, policy: { ...policy, require: [] } };
  if (policy.services.length > 0) yield { ...story, policy: { ...policy, services: [] } };
  for (const [at, rule] of policy.rules.entries())
    for (const limits of smallerLimits(rule.limits))
      yield { ...story, policy: { ...policy, rules: policy.rules.with(at, { ...rule, limits }) } };
}

type Limits = Story['policy']['rules'][number]['limits'];

function* smallerLimits(limits: Limits): Generator<Limits> {
  if (limits.hours !== null) yield { ...limits, hours: null };
  if (limits.lifetime !== null) yield { ...limits, lifetime: null };
  if (limits.logon !== null) yield { ...limits, logon: null };
  if (limits.operations !== null) yield { ...limits, operations: null };
  if (limits.drain !== 0) yield { ...limits, drain: 0 };
  for (const at of limits.volumes.keys()) yield { ...limits, volumes: limits.volumes.toSpliced(at, 1) };
  for (const at of limits.sizes.keys()) yield { ...limits, sizes: limits.sizes.toSpliced(at, 1) };
  for (const at of limits.rates.keys()) yield { ...limits, rates: limits.rates.toSpliced(at, 1) };
  for (const at of limits.connections.keys()) yield { ...limits, connections: limits.connections.toSpliced(at, 1) };
}
