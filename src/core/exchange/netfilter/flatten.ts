// A base chain with all it jumps to, as one ordered list of permissions and denials. Returns and gotos become what they leave out.
// Permissions carry what can be said at most narrow, denials at most wide, so whatever is not understood permits less.

import { type Box, bothBoxes, isEmpty, type Origin } from '../draft/boxes.ts';
import type { Draft } from '../draft/draft.ts';
import { type Entry, type Loss, without } from '../draft/stages.ts';
import { boxed, type Part, type Surroundings } from './clauses.ts';
import { type Ruled, ruledOf } from './rules.ts';
import type { Chain, RawRule, Table } from './ruleset.ts';

/** Chains inside each other, as many as the kernel allows (NFT_JUMP_STACK_SIZE). */
const DEPTH_MAX = 16;
/** Entries of one base chain. */
const ENTRIES_MAX = 5_000;
/** Rules walked for one base chain, counted again for every jump to them. */
const STEPS_MAX = 20_000;

/** Where in the rules one stands, and for which connections one gets there. */
interface Context {
  /** Null where it cannot be said. */
  readonly narrow: Box | null;
  readonly wide: Box;
  /** What left the chain before: as wide, and as narrow, as it can be said. */
  readonly leftWide: readonly Box[];
  readonly leftNarrow: readonly Box[];
}

export interface Flattening {
  readonly draft: Draft;
  readonly table: Table;
  readonly around: Surroundings;
  readonly entries: Entry[];
  /** More entries than `ENTRIES_MAX`, or chains deeper than `DEPTH_MAX`: the list is of no use. */
  isOver: boolean;
  steps: number;
  acceptsEstablished: boolean;
}

/** `space`: the connections that meet this chain at all. */
export function flatten(chain: Chain, space: Box, flattening: Flattening): void {
  const context: Context = { narrow: space, wide: space, leftWide: [], leftNarrow: [] };
  walk(chain, context, { flattening, base: chain, depth: 0 });
  if (!chain.isPolicyDrop)
    push(flattening, { verdict: 'permit', box: { ...space, origin: originOf(chain, 'policy', null) } });
}

interface Walk {
  readonly flattening: Flattening;
  readonly base: Chain;
  readonly depth: number;
}

function walk(chain: Chain, entered: Context, { flattening, base, depth }: Walk): void {
  let context = entered;
  for (const rule of chain.rules)
    for (const ruled of ruledOf(rule, flattening)) {
      flattening.isOver ||= ++flattening.steps > STEPS_MAX;
      if (flattening.isOver) return;
      const here = within(context, ruled.meaning, originOf(chain, rule.place, rule.comment));
      context = step({ rule, ruled, here, context }, { flattening, base, depth });
    }
}

interface Step {
  readonly rule: RawRule;
  readonly ruled: Ruled;
  readonly here: Context;
  readonly context: Context;
}

/** Takes one rule; returns where one stands behind it. */
function step({ rule, ruled, here, context }: Step, walking: Walk): Context {
  const { flattening, base, depth } = walking;
  const { verdict } = ruled;
  tellAmount(rule, ruled, flattening.draft);
  askInterfaces(ruled, flattening.draft);
  switch (verdict.kind) {
    case 'accept':
      // Only a rule without any other condition accepts all answers.
      flattening.acceptsEstablished ||= ruled.isForEstablished && rule.clauses.length === 1;
      permit(rule, ruled, { here, flattening });
      return context;
    case 'drop':
      deny(rule, ruled, { here, flattening });
      return context;
    case 'return':
      return leave(context, here, { walking, rule, ruled });
    case 'jump':
    case 'goto': {
      const target = flattening.table.chains.get(verdict.target);
      if (target === undefined || depth + 1 >= DEPTH_MAX) {
        flattening.isOver ||= target !== undefined;
        flattening.draft.drop(
          rule.place,
          `a jump to "${verdict.target}"`,
          'the chain is not there; the rule is held as a denial, so the policy permits less',
        );
        push(flattening, { verdict: 'deny', box: here.wide });
        return context;
      }
      tellUnsaid(rule, ruled, flattening.draft, 'permissions behind it are left out, denials behind it hold for more');
      walk(target, here, { flattening, base, depth: depth + 1 });
      return verdict.kind === 'goto' ? leave(context, here, { walking, rule, ruled }) : context;
    }
  }
}

interface Leaving {
  readonly walking: Walk;
  readonly rule: RawRule;
  readonly ruled: Ruled;
}

/** What returns from a base chain meets its policy; from another chain, it goes on behind the jump. */
function leave(context: Context, here: Context, { walking, rule, ruled }: Leaving): Context {
  const { flattening, base, depth } = walking;
  if (depth === 0) {
    if (base.isPolicyDrop) deny(rule, ruled, { here, flattening });
    else permit(rule, ruled, { here, flattening });
    return context;
  }
  const narrow = ruled.amount === null ? here.narrow : null;
  return {
    ...context,
    leftWide: isEmpty(here.wide) ? context.leftWide : [...context.leftWide, here.wide],
    // Hours make a part of the time, so what left by them may still be here.
    leftNarrow:
      narrow === null || narrow.limits !== null || isEmpty(narrow)
        ? context.leftNarrow
        : [...context.leftNarrow, narrow],
  };
}

interface At {
  readonly here: Context;
  readonly flattening: Flattening;
}

function permit(rule: RawRule, ruled: Ruled, { here, flattening }: At): void {
  if (isEmpty(here.wide)) return;
  const what = flattening.draft;
  tellUnsaid(
    rule,
    ruled,
    what,
    here.narrow === null
      ? 'the permission is left out, so the policy permits less'
      : 'that part of the permission is left out, so the policy permits less',
  );
  if (ruled.amount !== null || here.narrow === null) return;
  const losses: Loss[] = [];
  for (const box of without(here.narrow, here.leftWide, losses)) push(flattening, { verdict: 'permit', box });
  for (const { place, what: lost, why } of losses) what.drop(place, lost, why);
}

function deny(rule: RawRule, ruled: Ruled, { here, flattening }: At): void {
  if (ruled.isForEstablished && isEmpty(here.wide))
    flattening.draft.drop(
      rule.place,
      'a denial of packets of connections that exist',
      'Picket lets a session it admitted go on, so the policy permits more',
    );
  // A denial above some amount lets the first packets through; held for all of them, it would close the door that it only guards.
  if (ruled.amount !== null || isEmpty(here.wide)) return;
  tellUnsaid(rule, ruled, flattening.draft, 'the denial holds without it, so the policy permits less');
  if (here.narrow !== null && here.narrow.limits !== null)
    flattening.draft.drop(
      rule.place,
      'the hours of a denial',
      'the denial holds at all times, so the policy permits less',
    );
  const losses: Loss[] = [];
  const parts = without(here.wide, here.leftNarrow, losses);
  // Cut into too many parts, or into usual protocols only, the denial is held whole.
  const boxes = losses.length > 0 ? [here.wide] : parts;
  if (losses.length > 0)
    flattening.draft.drop(
      rule.place,
      'a denial with returns before it',
      'it is held without them, so the policy permits less',
    );
  for (const box of boxes) push(flattening, { verdict: 'deny', box });
}

function push(flattening: Flattening, entry: Entry): void {
  if (flattening.entries.length >= ENTRIES_MAX) flattening.isOver = true;
  else flattening.entries.push(entry);
}

function within(context: Context, meaning: Ruled['meaning'], origin: Origin): Context {
  const both = (box: Box | null, part: Part | null): Box | null =>
    box === null || part === null ? null : bothBoxes(boxed(part, origin), box);
  return {
    ...context,
    narrow: both(context.narrow, meaning.narrow),
    wide: both(context.wide, meaning.wide) ?? context.wide,
  };
}

function originOf(chain: Chain, place: string, comment: string | null): Origin {
  return {
    id: comment === null || comment === '' ? `${chain.name}-${place.replace(/^line |^rule /, '')}` : comment,
    place,
    why: comment,
  };
}

function tellUnsaid(rule: RawRule, { unsaid }: Ruled, draft: Draft, effect: string): void {
  for (const what of unsaid) draft.drop(rule.place, what, `a rule cannot say it; ${effect}`);
}

function tellAmount(rule: RawRule, { amount, verdict }: Ruled, draft: Draft): void {
  if (amount === null) return;
  const effect =
    verdict.kind === 'accept'
      ? 'it counts packets that open connections, which no limit of a rule equals; the permission is left out, so the policy permits less'
      : verdict.kind === 'drop'
        ? 'it denies only above an amount, which no limit of a rule equals; it is left out, so the policy permits more'
        : 'it depends on an amount; permissions behind it are left out, so the policy permits less there and more where it denies';
  draft.drop(rule.place, amount, effect);
}

function askInterfaces({ interfaces }: Ruled, draft: Draft): void {
  for (const name of interfaces)
    draft.ask(
      `Which addresses are behind the interface ${name}? Give them with --interface ${name}=10.0.2.0/24 (or ${name}=internet).`,
    );
}
