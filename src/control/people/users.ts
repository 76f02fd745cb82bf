// People of a domain: invited, given roles, removed, and given a new link. The last owner who can log on stays.

import { type Actor, notFound, Refusal, type Role, roleIn } from '#routes';
import {
  addUser,
  type Db,
  lockOwners,
  type MemberRow,
  member,
  membershipsOf,
  otherOwners,
  removeMembership,
  removeUser,
  setMembership,
  user,
} from '#store';
import { INVITATION_LIFE_MS, type Link, newLink } from './links.ts';
import type { Parts } from './parts.ts';
import { newId } from './secrets.ts';

export interface Invitation {
  readonly domain: string;
  /** A new person by name, or somebody known by id. */
  readonly who: { readonly name: string } | { readonly id: string };
  readonly role: Role;
}

export function invite(
  parts: Parts,
  actor: Actor,
  { domain, who, role }: Invitation,
): Promise<{ readonly row: MemberRow; readonly link: Link | null }> {
  const at = parts.now();
  return parts.recorder.perform(actor, async (db, note) => {
    const id = 'id' in who ? await knownId(db, domain, who.id) : newId(parts.random);
    if ('name' in who) await addUser(db, { id, name: who.name, identity: null, made_at: at });
    await setMembership(db, { domain, user: id, role, given_by: actor.id, given_at: at });
    note({ action: 'user.add', subject: id, domain, detail: { role, ...('name' in who ? { name: who.name } : {}) } });
    const link = 'name' in who ? await newLink(parts, db, { user: id, lifeMs: INVITATION_LIFE_MS }) : null;
    return { row: await heldMember(db, domain, id), link };
  });
}

/** Ids are given by chance and told by the person: nobody finds one by trying. */
async function knownId(db: Db, domain: string, id: string): Promise<string> {
  if ((await user(db, id)) === undefined) throw notFound('the person');
  if ((await member(db, domain, id)) === undefined) return id;
  throw new Refusal({
    code: 'PICKET-C522',
    message: 'the person has a role there already; nothing was changed',
    help: 'change the role instead',
  });
}

interface Of {
  readonly domain: string;
  readonly id: string;
}

export function setRole(
  parts: Parts,
  actor: Actor,
  { domain, id, role }: Of & { readonly role: Role },
): Promise<MemberRow> {
  return parts.recorder.perform(actor, async (db, note) => {
    await lockOwners(db);
    const before = await heldMember(db, domain, id);
    if (before.role === 'owner' && role !== 'owner') await refuseLastOwner(db, { domain, id });
    await setMembership(db, { domain, user: id, role, given_by: actor.id, given_at: parts.now() });
    note({ action: 'user.role', subject: id, domain, detail: { role, before: before.role } });
    return heldMember(db, domain, id);
  });
}

/** Whoever has no role left is forgotten, with everything by which they could log on. */
export function removeFrom(parts: Parts, actor: Actor, { domain, id }: Of): Promise<void> {
  return parts.recorder.perform(actor, async (db, note) => {
    await lockOwners(db);
    const { role, name } = await heldMember(db, domain, id);
    if (role === 'owner') await refuseLastOwner(db, { domain, id });
    await removeMembership(db, domain, id);
    const isForgotten = (await membershipsOf(db, id)).length === 0;
    if (isForgotten) await removeUser(db, id);
    note({ action: 'user.remove', subject: id, domain, detail: { role, name, isForgotten } });
  });
}

/** A link lets in as that person everywhere, so it takes an owner of everywhere that person has a role. */
export function linkFor(parts: Parts, actor: Actor, { domain, id }: Of): Promise<Link> {
  return parts.recorder.perform(actor, async (db, note) => {
    await heldMember(db, domain, id);
    const elsewhere = (await membershipsOf(db, id)).find((one) => roleIn(actor, one.domain) !== 'owner');
    if (elsewhere !== undefined)
      throw new Refusal({
        code: 'PICKET-C521',
        message: 'the person has roles where you are no owner; nothing was changed',
        help: 'let somebody make the link who is an owner wherever the person has a role',
      });
    note({ action: 'user.link', subject: id, domain });
    return newLink(parts, db, { user: id, lifeMs: INVITATION_LIFE_MS });
  });
}

async function heldMember(db: Db, domain: string, id: string): Promise<MemberRow> {
  const row = await member(db, domain, id);
  if (row === undefined) throw notFound('the person');
  return row;
}

async function refuseLastOwner(db: Db, { domain, id }: Of): Promise<void> {
  if ((await otherOwners(db, domain, id)) > 0) return;
  throw new Refusal({
    code: 'PICKET-C520',
    message: 'it is the last owner who can log on; nothing was changed',
    help: 'make somebody else an owner first, and let them log on once',
  });
}
