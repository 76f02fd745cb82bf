// Which changes need a second person. Whether a second person confirmed is asked where changes are confirmed.
// Fewer of them is itself such a change: one owner asks, another one asks for the same. More of them is said by one alone.

import * as z from 'zod';
import type { Actor } from '#routes';
import { type Db, fourEyesOf, lockOwners, member, setFourEyes, setSetting, setting } from '#store';
import type { Parts } from './parts.ts';

/** Names every change of a policy. */
const WHOLE_POLICY = '*';
/** Whoever is asked sees it within a day; what is older is asked for anew. */
export const WISH_LIFE_MS = 24 * 60 * 60 * 1_000;

export interface FourEyes {
  readonly isWholePolicy: boolean;
  readonly services: readonly string[];
}

/** What one owner asked for and another one has to ask for as well. */
export interface Wish extends FourEyes {
  readonly by: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly endsAt: number;
}

export interface FourEyesState extends FourEyes {
  readonly wish: Wish | null;
}

/** What a change touches, as the comparison of two policies says it. */
export interface Touched {
  readonly section: string;
  readonly id: string;
}

export async function fourEyesIn({ store, now }: Pick<Parts, 'store' | 'now'>, domain: string): Promise<FourEyesState> {
  return { ...(await setIn(store.db, domain)), wish: await wishIn(store.db, domain, now()) };
}

async function setIn(db: Db, domain: string): Promise<FourEyes> {
  const named = await fourEyesOf(db, domain);
  return {
    isWholePolicy: named.includes(WHOLE_POLICY),
    services: named.filter((service) => service !== WHOLE_POLICY),
  };
}

export function changeFourEyes(
  parts: Parts,
  actor: Actor,
  { domain, isWholePolicy, services }: FourEyes & { readonly domain: string },
): Promise<FourEyesState> {
  const named = [...new Set(services.filter((service) => service !== WHOLE_POLICY))].sort();
  const wanted: FourEyes = { isWholePolicy, services: named };
  const at = parts.now();
  return parts.recorder.perform(actor, async (db, note) => {
    await lockOwners(db);
    const before = await setIn(db, domain);
    const wish = await wishIn(db, domain, at);
    if (isLooser(before, wanted) && !(await isSecond(db, { wish, wanted, domain, actor }))) {
      const own: Wish = { ...wanted, by: actor.id, at, endsAt: at + WISH_LIFE_MS };
      await setSetting(db, wishKey(domain), JSON.stringify(own));
      note({ action: 'four-eyes.ask', subject: domain, domain, detail: { isWholePolicy, services: named } });
      return { ...before, wish: own };
    }
    await setFourEyes(db, domain, isWholePolicy ? [WHOLE_POLICY, ...named] : named);
    await setSetting(db, wishKey(domain), '');
    const asked = isLooser(before, wanted) && wish !== null ? { askedBy: wish.by } : {};
    note({ action: 'four-eyes.set', subject: domain, domain, detail: { isWholePolicy, services: named, ...asked } });
    return { ...wanted, wish: null };
  });
}

/** Whether a change that needs a second person today would need none. */
function isLooser(before: FourEyes, wanted: FourEyes): boolean {
  if (wanted.isWholePolicy) return false;
  return before.isWholePolicy || before.services.some((service) => !wanted.services.includes(service));
}

interface Seconding {
  readonly wish: Wish | null;
  readonly wanted: FourEyes;
  readonly domain: string;
  readonly actor: Actor;
}

/** Of exactly what was asked for, by somebody else, who owned the domain before: not by an owner that the first one made for it. */
async function isSecond(db: Db, { wish, wanted, domain, actor }: Seconding): Promise<boolean> {
  if (wish === null || wish.by === actor.id || !isSame(wish, wanted)) return false;
  const row = await member(db, domain, actor.id);
  return row !== undefined && row.role === 'owner' && row.given_at < wish.at;
}

function isSame(one: FourEyes, other: FourEyes): boolean {
  return (
    one.isWholePolicy === other.isWholePolicy &&
    one.services.length === other.services.length &&
    one.services.every((service, at) => service === other.services[at])
  );
}

const wishSchema = z.object({
  isWholePolicy: z.boolean(),
  services: z.array(z.string()),
  by: z.string(),
  at: z.number(),
  endsAt: z.number(),
});

async function wishIn(db: Db, domain: string, now: number): Promise<Wish | null> {
  const text = await setting(db, wishKey(domain));
  if (text === null || text === '') return null;
  const wish = wishSchema.parse(JSON.parse(text));
  return wish.endsAt > now ? wish : null;
}

function wishKey(domain: string): string {
  return `people.four-eyes-wish.${domain}`;
}

/**
 * Whether the change has to be confirmed by another approver than its author. `services` are those that the changed rules and services
 * speak of. A change without a service that is known (elements, guardrails, settings) may touch any, so it counts as touching all.
 */
export async function needsSecond(
  { store }: Pick<Parts, 'store'>,
  domain: string,
  { changes, services }: { readonly changes: readonly Touched[]; readonly services: readonly string[] | null },
): Promise<boolean> {
  const { isWholePolicy, services: guarded } = await setIn(store.db, domain);
  if (changes.length === 0 || (!isWholePolicy && guarded.length === 0)) return false;
  if (isWholePolicy || services === null) return true;
  const named = [...services, ...changes.flatMap(({ section, id }) => (section === 'services' ? [id] : []))];
  return named.some((service) => guarded.includes(service));
}
