// The link that `picket join` takes: where the controller is, the one-time token, and the root by which the controller is known. Not the joining.
// Everything secret stands behind `#`, which no browser and no client sends to a server.

import { fromBase64url } from './bytes.ts';
import { type Checked, ok, refuse } from './refusal.ts';
import { isDomainName } from './spiffe.ts';

export interface JoinLink {
  /** `https://host:port`, without a path. */
  readonly origin: string;
  readonly token: string;
  /** SHA-256 of the root's public key, base64url. */
  readonly root: string;
  readonly domain: string;
}

/** 256 bits in base64url. */
export const TOKEN_BYTES = 32;
const HASH_BYTES = 32;
/** A domain of 253 characters, two values of 43, and a host. */
const LINK_CHARS_MAX = 1024;
const PATH = '/join';

export function joinLink({ origin, token, root, domain }: JoinLink): string {
  return `${origin}${PATH}#v1.${token}.${root}.${domain}`;
}

export function readJoinLink(text: string): Checked<JoinLink> {
  const bad = refuse(
    'PICKET-C313',
    'the join link cannot be read; needed is https://HOST:PORT/join#v1.TOKEN.ROOT.DOMAIN as picket tokens enrol printed it',
    'quote the link in the shell, and take all of it: what follows # is the token',
  );
  if (text.length > LINK_CHARS_MAX) return bad;
  const match = /^(https:\/\/[A-Za-z0-9.:[\]_-]+)\/join#v1\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([a-z0-9.-]+)$/.exec(
    text.trim(),
  );
  const [, origin, token, root, domain] = match ?? [];
  if (origin === undefined || token === undefined || root === undefined || domain === undefined) return bad;
  const areWhole = fromBase64url(token)?.length === TOKEN_BYTES && fromBase64url(root)?.length === HASH_BYTES;
  if (!areWhole || !isDomainName(domain) || !URL.canParse(origin)) return bad;
  return ok({ origin: new URL(origin).origin, token, root, domain });
}
