// What the compiled content says of one opening: the look-up and everything that is judged once, as the chain `opened` does it. The second
// of the three answers of `why --live`; not the limits that count packets, which only the kernel knows.

import type { Instant } from '#model';
import { mark } from '#nft';
import type { Content, SetName } from './content.ts';
import { TIMED_BIT } from './live.ts';
import { CLASS_BIT, FREE_KEY, KERNEL_REASONS, type KernelReason } from './numbers.ts';
import { ContentWalk, type FlowAsked } from './walk.ts';

export interface ContentOpinion {
  readonly verdict: 'permit' | 'deny';
  /** False for a denial that is only recorded. */
  readonly isHeld: boolean;
  readonly reason: KernelReason | null;
  /** The mark of the flow, 0 where it gets none. */
  readonly mark: number;
  /** The rule's place in the policy that a denial names, -1 for none. */
  readonly place: number;
  readonly steps: readonly string[];
}

export interface OpinionAsked {
  readonly flow: FlowAsked;
  /** The responder's class by a name, where one leads to it. */
  readonly named: number | null;
  readonly now: Instant;
}

/** Sets that a session's opening is held to by a number, in the order of the chain, and what is said where its number is not in `open`. */
const OPENINGS: readonly (readonly [SetName, KernelReason])[] = [
  ['gates', 'guardrail'],
  ['rails', 'guardrail'],
  ['fresh', 'not-logged-on'],
];
const REASON_SHIFT = 28;
const LOW_BITS = CLASS_BIT - 1;

export function contentOpinion(content: Content, { flow, named, now }: OpinionAsked): ContentOpinion {
  const walk = new ContentWalk(content);
  const number = walk.markOf(flow, named);
  const classes = [walk.classOf(flow.from), named ?? walk.classOf(flow.to)].map((one) => mark(one).nft);
  const steps = [`classes: ${classes.join(', ')}`, `mark: ${mark(number).nft}`];
  const denied = (reason: KernelReason, more: Partial<ContentOpinion> = {}): ContentOpinion => ({
    verdict: 'deny',
    isHeld: true,
    reason,
    mark: 0,
    place: -1,
    steps: [...steps, `denied: ${reason}`],
    ...more,
  });
  if (number === 0) return denied('no-rule');
  if ((number & CLASS_BIT) !== 0) return denied(reasonOf(number), { place: (number & LOW_BITS) - 1 });
  const key = mark(number).nft;
  if (content.sets.get('free')?.get(mark(FREE_KEY).nft)?.value?.nft === key)
    return {
      verdict: 'permit',
      isHeld: false,
      reason: null,
      mark: number,
      place: -1,
      steps: [...steps, 'free: nobody holds it'],
    };
  const isHeld = content.sets.get('audit')?.has(key) !== true;
  const found = whatFails(content, key, now);
  if (found !== null) return denied(found, { mark: number, isHeld });
  return { verdict: 'permit', isHeld, reason: null, mark: number, place: -1, steps: [...steps, 'live, and open now'] };
}

function whatFails(content: Content, key: string, now: Instant): KernelReason | null {
  const isIn = (name: SetName, of: string): boolean => {
    const element = content.sets.get(name)?.get(of);
    return element !== undefined && (element.until === null || element.until > now);
  };
  if (!isIn('live', key)) return isIn('leased', key) ? 'not-logged-on' : 'no-rule';
  const word = content.sets.get('live')?.get(key)?.value?.nft ?? mark(0).nft;
  if ((Number(word) & TIMED_BIT) !== 0 && !isIn('open', word)) return 'outside-hours';
  for (const [name, reason] of OPENINGS) {
    const needed = content.sets.get(name)?.get(key)?.value?.nft;
    if (needed !== undefined && !isIn('open', needed)) return reason;
  }
  return null;
}

function reasonOf(number: number): KernelReason {
  for (const [name, value] of Object.entries(KERNEL_REASONS))
    if (value === number >>> REASON_SHIFT && isReason(name)) return name;
  return 'no-rule';
}

function isReason(name: string): name is KernelReason {
  return Object.hasOwn(KERNEL_REASONS, name);
}
