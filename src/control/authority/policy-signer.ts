// Signs statements about a domain's policy: JWS with ES256, the type fixed by whoever signs, the key named by its id. Not the verifying: agents do that.

import { CompactSign } from 'jose';
import type { Context } from './context.ts';
import { activeKey, keysOf, openKey } from './keys.ts';

/** What a statement is; none can stand for another. */
export type StatementType = `picket-${string}+jwt`;

export interface PolicySigner {
  /** SHA-256 of the public key, hexadecimal; the `kid` of every statement. */
  readonly keyId: string;
  /** Compact JWS over the payload as JSON. */
  sign(type: StatementType, payload: Readonly<Record<string, unknown>>): Promise<string>;
}

/** The signer in use now. Asked for anew for each statement, it follows a rotation by itself. */
export async function policySigner(context: Context, domain: string): Promise<PolicySigner> {
  const row = activeKey(await keysOf(context.store.db, domain), 'policy');
  const { keyId, privateKey } = openKey(context, row);
  return {
    keyId,
    sign: (typ, payload) =>
      new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
        .setProtectedHeader({ alg: 'ES256', typ, kid: keyId })
        .sign(privateKey),
  };
}
