// Verifies what a domain's policy key signed. One function for every statement: algorithm, type, key, signature, shape and domain, in that order.

import { createPublicKey } from 'node:crypto';
import { compactVerify, decodeProtectedHeader } from 'jose';
import type { PolicyKey } from '#identity';
import {
  POLICY_TYP,
  type PolicyStatement,
  policyStatementOf,
  QUARANTINE_TYP,
  type QuarantineStatement,
  quarantineStatementOf,
} from '#wire';
import { LinkError } from './trouble.ts';

export interface Signers {
  readonly domain: string;
  /** Keys of the bundle; a statement names one by `kid`. */
  readonly keys: readonly PolicyKey[];
}

export function verifyPolicy(jws: string, signers: Signers): Promise<PolicyStatement> {
  return verified(jws, signers, { typ: POLICY_TYP, read: policyStatementOf });
}

export function verifyQuarantine(jws: string, signers: Signers): Promise<QuarantineStatement> {
  return verified(jws, signers, { typ: QUARANTINE_TYP, read: quarantineStatementOf });
}

async function verified<Statement extends { readonly domain: string }>(
  jws: string,
  { domain, keys }: Signers,
  { typ, read }: { readonly typ: string; readonly read: (payload: unknown) => Statement | null },
): Promise<Statement> {
  const statement = read(await payloadOf(jws, keys, typ));
  if (statement === null) throw forged('what was signed has another shape');
  if (statement.domain !== domain)
    throw new LinkError({
      code: 'PICKET-C656',
      message: `a statement is for domain "${statement.domain}" and this element belongs to "${domain}"; nothing was changed`,
    });
  return statement;
}

async function payloadOf(jws: string, keys: readonly PolicyKey[], typ: string): Promise<unknown> {
  try {
    const { kid } = decodeProtectedHeader(jws);
    const key = keys.find(({ keyId }) => keyId === kid);
    if (key === undefined) throw forged('its key is none of the domain');
    const spki = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' });
    const { payload, protectedHeader } = await compactVerify(jws, spki, { algorithms: ['ES256'] });
    if (protectedHeader.typ !== typ) throw forged(`it is no ${typ}`);
    const value: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    return value;
  } catch (error) {
    throw error instanceof LinkError ? error : forged('its signature does not hold');
  }
}

function forged(why: string): LinkError {
  return new LinkError({
    code: 'PICKET-C654',
    message: `a statement of the controller is refused: ${why}; nothing was changed`,
    help: 'the policy key may have been rotated while this element was away; if it goes on, somebody forges statements',
  });
}
