// Logons by passkey, and proofs within a session. Not links, codes, or identity providers.

import type { Actor, PasskeyProof, RequestFacts } from '#routes';
import { proveSession, user } from '#store';
import { attempted } from './failures.ts';
import { NO_DOMAIN, type Parts, performAs, personOf } from './parts.ts';
import { logonRefused, proved } from './passkeys.ts';
import { type Begun, beginSession } from './sessions.ts';

export function logonByPasskey(
  parts: Parts,
  { proof, facts }: { readonly proof: PasskeyProof; readonly facts: RequestFacts },
): Promise<Begun> {
  return attempted(parts, { means: 'passkey', facts, account: proof.id }, async () => {
    const { passkey, spend } = await proved(parts, proof);
    const person = await user(parts.store.db, passkey.user);
    if (person === undefined) throw logonRefused();
    return performAs(parts, person, async (db, note) => {
      if (!(await spend(db))) throw logonRefused();
      return beginSession(parts, { db, note }, { user: person, means: 'passkey', provedAt: parts.now(), facts });
    });
  });
}

/** The session that asks counts as fresh again. The key has to be the person's own. */
export function proveByPasskey(
  parts: Parts,
  { actor, proof, facts }: { readonly actor: Actor; readonly proof: PasskeyProof; readonly facts: RequestFacts },
): Promise<void> {
  const id = personOf(actor);
  const { session } = actor;
  return attempted(parts, { means: 'passkey', facts, account: proof.id }, async () => {
    const { passkey, spend } = await proved(parts, proof);
    if (passkey.user !== id || session === null) throw logonRefused();
    await performAs(parts, actor, async (db, note) => {
      if (!(await spend(db))) throw logonRefused();
      await proveSession(db, session, parts.now());
      note({ action: 'session.prove', subject: session, domain: NO_DOMAIN });
    });
  });
}
