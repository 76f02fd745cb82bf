// The gate's side of the name before TLS: keys are derived, so that a stranger costs a hash and no look into the database. Not the socket.

import { type GateName, isGateTagRight, type Primitives, readGateName } from '#identity';
import { gateNameRow } from '#store';
import { type Context, instantOfMs } from './context.ts';

type GateContext = Pick<Context, 'gateSecret' | 'now' | 'store'> & { readonly primitives: Primitives };

/** The key that goes with a name. */
export function gateKeyOf(
  { gateSecret, primitives }: Pick<GateContext, 'gateSecret' | 'primitives'>,
  pseudonym: string,
): Uint8Array {
  return primitives.hmacSha256(gateSecret, Buffer.from(`gate ${pseudonym}`));
}

/** Whether this server name was made about now by somebody to whom the authority gave its key. No I/O: safe before TLS. */
export function checkGate(context: GateContext, serverName: string): GateName | null {
  const name = readGateName(serverName);
  if (name === null) return null;
  const key = gateKeyOf(context, name.pseudonym);
  // One instant to the millisecond is enough here: tags count minutes.
  return isGateTagRight({ key, name, now: context.now() * 1_000 }, context.primitives) ? name : null;
}

/** Whose name it is, by a look into the database; null where it ended. Only for names that passed `checkGate`. */
export async function whoseGate(
  context: GateContext,
  pseudonym: string,
): Promise<{ readonly domain: string; readonly identity: string } | null> {
  const row = await gateNameRow(context.store.db, pseudonym);
  if (row === undefined || instantOfMs(context.now()) >= instantOfMs(row.expires_at)) return null;
  return { domain: row.domain, identity: row.identity };
}
