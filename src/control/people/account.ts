// One's own passkeys and API tokens. A token is never wider than its maker; the last passkey stays.

import {
  type Actor,
  CONTROLLER,
  isRoleAtLeast,
  notFound,
  type PasskeyMade,
  Refusal,
  type Role,
  roleIn,
  type Scope,
} from '#routes';
import {
  type ApiTokenRow,
  addApiToken,
  addPasskey,
  PASSKEYS_MAX,
  type PasskeyRow,
  passkeysOf,
  removeApiToken,
  removePasskey,
} from '#store';
import { NO_DOMAIN, type Parts, performAs, personOf } from './parts.ts';
import { creationOptions, made, type PasskeyOptions, passkeyRefused } from './passkeys.ts';
import { hashOf, newId, newSecret } from './secrets.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

export function furtherPasskeyOptions(parts: Parts, actor: Actor): Promise<PasskeyOptions> {
  const id = personOf(actor);
  return creationOptions(parts, { user: { id, name: actor.name }, purpose: 'passkey', subject: id });
}

export async function addOwnPasskey(
  parts: Parts,
  actor: Actor,
  { name, made: answer }: { readonly name: string; readonly made: PasskeyMade },
): Promise<PasskeyRow> {
  const id = personOf(actor);
  const { spend, ...key } = await made(parts, { purpose: 'passkey', subject: id }, answer);
  const row = { ...key, user: id, name, made_at: parts.now(), used_at: null };
  return performAs(parts, actor, async (db, note) => {
    if ((await passkeysOf(db, id)).length >= PASSKEYS_MAX)
      throw new Refusal({
        code: 'PICKET-C511',
        message: `you have ${PASSKEYS_MAX} passkeys already; nothing was changed`,
      });
    if (!(await spend(db)) || !(await addPasskey(db, row))) throw passkeyRefused();
    note({ action: 'passkey.add', subject: row.id, domain: NO_DOMAIN, detail: { user: id, name } });
    return row;
  });
}

export async function removeOwnPasskey(parts: Parts, actor: Actor, passkey: string): Promise<void> {
  const id = personOf(actor);
  await performAs(parts, actor, async (db, note) => {
    const outcome = await removePasskey(db, id, passkey);
    if (outcome === 'absent') throw notFound('the passkey');
    if (outcome === 'last')
      throw new Refusal({
        code: 'PICKET-C510',
        message: 'it is your last passkey; nothing was changed',
        help: 'add another one first',
      });
    note({ action: 'passkey.remove', subject: passkey, domain: NO_DOMAIN, detail: { user: id } });
  });
}

export interface TokenWish {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly roles: Readonly<Record<string, Role>>;
  readonly days: number;
}

export async function makeToken(
  parts: Parts,
  actor: Actor,
  { name, scopes, roles, days }: TokenWish,
): Promise<{ readonly secret: string; readonly row: ApiTokenRow }> {
  for (const [domain, role] of Object.entries(roles)) refuseWider(actor, domain, role);
  const secret = newSecret(parts.random, 'pkt_');
  const at = parts.now();
  const row: ApiTokenRow = {
    id: newId(parts.random),
    hash: hashOf(secret),
    user: personOf(actor),
    name,
    scopes: JSON.stringify([...new Set(scopes)].sort()),
    roles: JSON.stringify(roles),
    made_at: at,
    ends_at: at + days * DAY_MS,
    used_at: null,
  };
  await performAs(parts, actor, async (db, note) => {
    if (!(await addApiToken(db, row)))
      throw new Refusal({ code: 'PICKET-C531', message: 'you have too many API tokens already; nothing was changed' });
    const detail = { name, scopes: [...scopes], roles, days };
    note({ action: 'token.make', subject: row.id, domain: NO_DOMAIN, detail });
  });
  return { secret, row };
}

export async function removeOwnToken(parts: Parts, actor: Actor, token: string): Promise<void> {
  await performAs(parts, actor, async (db, note) => {
    if (!(await removeApiToken(db, personOf(actor), token))) throw notFound('the API token');
    note({ action: 'token.remove', subject: token, domain: NO_DOMAIN });
  });
}

function refuseWider(actor: Actor, domain: string, role: Role): void {
  if (isRoleAtLeast(roleIn(actor, domain), role)) return;
  const where = domain === CONTROLLER ? 'the controller itself' : `"${domain}"`;
  throw new Refusal({
    code: 'PICKET-C530',
    message: `cannot make a token with the role ${role} in ${where}: you have not that role there; nothing was changed`,
    where: 'body.roles',
  });
}
