// What a policy says and the kernel table does not hold: each with what happens instead. Not the judge: the table is made so that
// none of this ever permits more than the policy.

import type { Limits, Policy, Rule, Selector, Service } from '#model';
import { heldOpenings, isRateTightened } from './budgets.ts';
import { isTooMuch, KERNEL_APPLICATIONS, LIFETIME_SECONDS_MAX, lifetimeSeconds } from './holdable.ts';

export type NotHeldSubject =
  | 'logon'
  | 'operations'
  | 'application'
  | 'name'
  | 'mac'
  | 'floor'
  | 'rolling-window'
  | 'rate'
  | 'size'
  | 'connections'
  | 'lifetime'
  | 'drain'
  | 'too-many-limits'
  | 'several-limits'
  | 'order';

/**
 * denied: what needs it is not permitted where it would be enforced. tighter: held, to the disadvantage of the traffic.
 * elsewhere: it denies no packet; the engine judges it from what is counted. asked: held only as far as the ends keep to it.
 */
export type NotHeldEffect = 'denied' | 'tighter' | 'elsewhere' | 'asked';

export interface NotHeld {
  /** Where it stands, for instance `rules.ops-shell`. */
  readonly where: string;
  readonly subject: NotHeldSubject;
  readonly effect: NotHeldEffect;
  readonly message: string;
}

type Note = Omit<NotHeld, 'where'>;

const RECORDED_TOO: Note = {
  subject: 'rate',
  effect: 'elsewhere',
  message: 'a rate for the whole rule does not count what exceeds it where it is only recorded',
};

/** A budget of the whole rule may be shared by traffic that is held and traffic that is only recorded. */
function sharedNotes({ limits, isAudit }: Rule, isMixed: boolean): readonly Note[] {
  return !isAudit && isMixed && limits.rates.some(({ scope }) => scope === 'rule') ? [RECORDED_TOO] : [];
}

export interface NotHeldOptions {
  readonly lifetimes: readonly number[];
  /** Rules behind one that may or may not govern. */
  readonly shadowed: ReadonlySet<Rule>;
}

const SHADOWED: Note = {
  subject: 'order',
  effect: 'denied',
  message: 'an earlier rule may govern instead, which the kernel cannot tell, so nothing is permitted where both fit',
};

export function notHeldOf(policy: Policy, { lifetimes, shadowed }: NotHeldOptions): readonly NotHeld[] {
  const at = (where: string, notes: readonly Note[]): readonly NotHeld[] => notes.map((note) => ({ where, ...note }));
  const isMixed = [policy, ...policy.elements].some(({ mode }) => mode !== 'enforce');
  const found: NotHeld[] = policy.elements.flatMap((element) =>
    element.macs.length === 0 ? [] : at(`elements.${element.id}`, [macNote(element.addresses.length === 0)]),
  );
  for (const rule of policy.rules) {
    const notes = [
      ...ownNotes(rule),
      ...lifetimeNotes(rule.limits, lifetimes),
      ...sharedNotes(rule, isMixed),
      ...(shadowed.has(rule) ? [SHADOWED] : []),
    ];
    if (notes.length > 0) found.push(...at(`rules.${rule.id}`, notes));
  }
  return [
    ...found,
    ...policy.never.flatMap((one) => at(`never.${one.id}`, endNotes(one.from, one.to))),
    ...policy.require.flatMap((one) => at(`require.${one.id}`, endNotes(one.from, one.to))),
  ];
}

/** Rules do not change once made, and most of a policy is the same rules again. */
const notesOfRule = new WeakMap<Rule, readonly Note[]>();

function ownNotes(rule: Rule): readonly Note[] {
  const known = notesOfRule.get(rule);
  if (known !== undefined) return known;
  const made = ruleNotes(rule);
  notesOfRule.set(rule, made);
  return made;
}

function macNote(isAlone: boolean): Note {
  return isAlone
    ? {
        subject: 'mac',
        effect: 'denied',
        message:
          'recognised by MAC alone: held at the addresses that its MACs were seen to have, and permitted nothing at others',
      }
    : {
        subject: 'mac',
        effect: 'tighter',
        message: 'recognised by its address alone, as wherever traffic shows no MAC',
      };
}

const LOGON: Note = {
  subject: 'logon',
  effect: 'tighter',
  message: 'a logon that the agent does not make anew ends ten minutes later, and its sessions with it',
};

function ruleNotes(rule: Rule): readonly Note[] {
  const { limits, to } = rule;
  return [
    ...endNotes(rule.from, to),
    ...(limits.logon !== null || to.some(({ isLogonRequired }) => isLogonRequired) ? [LOGON] : []),
    ...applicationNotes(to),
    ...limitNotes(limits),
    ...sizeNotes(limits, to),
  ];
}

/** A MAC may hold for an end that was not seen with one: no permission rests on it, and no later rule permits what it might govern. */
function endNotes(from: Selector, to: readonly Service[]): readonly Note[] {
  const kinds = new Set([from, ...to.map(({ on }) => on)].flatMap(kindsOf));
  const message = 'the kernel cannot tell whether it holds, so what it might govern is not permitted';
  const notes: Note[] = [];
  if (kinds.has('name'))
    notes.push({
      subject: 'name',
      effect: 'tighter',
      message: 'a name whose time ended opens nothing to a session that has to be looked up again, live as it is',
    });
  if (kinds.has('mac'))
    notes.push({ subject: 'mac', effect: 'denied', message: `an address whose MAC was not seen: ${message}` });
  return notes;
}

function kindsOf(selector: Selector): readonly Selector['kind'][] {
  if (selector.kind === 'not') return kindsOf(selector.of);
  return selector.kind === 'all' || selector.kind === 'either' ? selector.of.flatMap(kindsOf) : [selector.kind];
}

function applicationNotes(services: readonly Service[]): readonly Note[] {
  const untold = services.some(({ application }) => application !== null && !KERNEL_APPLICATIONS.includes(application));
  const message = `the kernel tells ${KERNEL_APPLICATIONS.join(' and ')} by first bytes, and no other application`;
  return untold ? [{ subject: 'application', effect: 'denied', message }] : [];
}

function limitNotes(limits: Limits): readonly Note[] {
  const notes: Note[] = [];
  const ceilings = limits.volumes.filter(({ maxBytes }) => maxBytes !== null);
  if (limits.operations !== null)
    notes.push({ subject: 'operations', effect: 'denied', message: 'the kernel reads no operations' });
  if (limits.volumes.some(({ minBytes }) => minBytes !== null))
    notes.push({
      subject: 'floor',
      effect: 'elsewhere',
      message: 'a volume floor denies no packet: it is judged from what is counted',
    });
  if (isTooMuch(limits))
    return [
      ...notes,
      {
        subject: 'too-many-limits',
        effect: 'denied',
        message: 'more limits of one kind than the table has room for, or beyond what the kernel counts',
      },
    ];
  if (ceilings.some(({ window }) => window.kind === 'rolling'))
    notes.push({
      subject: 'rolling-window',
      effect: 'tighter',
      message: 'a rolling ceiling is held as half of it in each fixed window',
    });
  if (limits.rates.some(isRateTightened))
    notes.push({
      subject: 'rate',
      effect: 'tighter',
      message: 'the kernel has no bucket smaller than a second of the rate: the rate is lowered to the burst',
    });
  if (ceilings.length + limits.rates.length > 1)
    notes.push({
      subject: 'several-limits',
      effect: 'tighter',
      message: 'a packet that one limit denies may have been charged to another',
    });
  return [...notes, ...connectionNotes(limits)];
}

function connectionNotes({ connections }: Limits): readonly Note[] {
  const notes: Note[] = [];
  if (connections.some((one) => one.kind === 'period' && heldOpenings(one) < one.max))
    notes.push({
      subject: 'connections',
      effect: 'tighter',
      message: 'connections in a long or rolling window are held to fewer',
    });
  return notes;
}

function sizeNotes({ sizes }: Limits, services: readonly Service[]): readonly Note[] {
  if (sizes.length === 0 || !services.some(({ protocol }) => protocol === null || protocol === 6)) return [];
  const message =
    'packets of TCP are held to a size by the segment size that the ends agree on: one that ignores it is not stopped';
  if (!sizes.some(({ min }) => min !== null)) return [{ subject: 'size', effect: 'asked', message }];
  return [
    {
      subject: 'size',
      effect: 'denied',
      message: 'the kernel sees no single packets of TCP, so no floor of their size: TCP is not permitted',
    },
  ];
}

function lifetimeNotes({ lifetime, drain, hours }: Limits, lifetimes: readonly number[]): readonly Note[] {
  const notes: Note[] = [];
  if (lifetime !== null && !lifetimes.includes(lifetimeSeconds(lifetime, drain)))
    notes.push({
      subject: 'lifetime',
      effect: 'denied',
      message: `more than ${lifetimes.length} different lifetimes in one policy`,
    });
  if (lifetime !== null && lifetimeSeconds(lifetime, drain) === LIFETIME_SECONDS_MAX)
    notes.push({ subject: 'lifetime', effect: 'tighter', message: 'a lifetime of more than a year is held as a year' });
  if (drain > 0 && hours !== null)
    notes.push({
      subject: 'drain',
      effect: 'tighter',
      message: 'when a rule or a grant is taken away, its sessions end at once, without drain',
    });
  return notes;
}
