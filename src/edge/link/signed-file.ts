// A signed policy that is carried here in a file: the message that a controller sends for the whole of a policy. Not its verification. It brings no keys:
// a bundle is believed because a controller sends it over its own connection, and a file has none.

import { decodeDown } from '#wire';
import type { Arrival } from './taking.ts';
import { LinkError } from './trouble.ts';

/** What the file holds. Throws a `LinkError` for anything else than one snapshot. */
export function readSignedFile(text: string): Extract<Arrival, { readonly kind: 'snapshot' }> {
  const decoded = decodeDown(text);
  if ('trouble' in decoded) throw noSignedPolicy(decoded.trouble);
  if (decoded.message.kind !== 'snapshot') throw noSignedPolicy('it holds something else');
  return decoded.message;
}

export function noSignedPolicy(why: string): LinkError {
  return new LinkError({
    code: 'PICKET-C666',
    message: `the file is no signed policy that can be used: ${why}; nothing was changed`,
    help: 'write it anew at the controller: picket policy export -o FILE',
  });
}
