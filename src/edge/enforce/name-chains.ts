// Lines of the look-up that ask for names: the class that a client's DNS answers make of an internet address. Not the look-up.

import { mark, type Nft, nft } from '#nft';
import { NAMED_BIT, NAMER_BIT } from './numbers.ts';

/** The initiator's class stands in `meta mark` and has rules that name names, the responder's in `ct mark` may be led to by some. */
const MAY_BE_NAMED = nft`meta mark and ${mark(NAMER_BIT)} != ${mark(0)} ct mark and ${mark(NAMED_BIT)} != ${mark(0)}`;

/** A miss leaves the class of the address as it is. */
export function namesOf(initiator: Nft, responder: Nft, version: 4 | 6): Nft {
  const family = version === 4 ? nft`ip` : nft`ip6`;
  return nft`${MAY_BE_NAMED} ct mark set ${family} ${initiator} . ${family} ${responder} map @named${version}`;
}

/**
 * The first packet behind an answer may be faster than the answer is held here: it is dropped without a word, so that it is sent again,
 * where a reset would end it.
 */
export const WAIT_FOR_NAME = nft`${MAY_BE_NAMED} ct state new goto refuse_silently`;
