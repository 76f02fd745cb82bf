// The gate before TLS: a name in the ClientHello that only a holder of a gate key can make, good for about two minutes. It names nobody on the wire.
// Not an authentication: a captured name replays for two minutes and buys only the right to fail at TLS.

import { type Instant, MINUTE } from '#model';
import { areEqualSecrets, ascii, base32 } from './bytes.ts';
import type { Primitives } from './primitives.ts';

/** What an element is given at enrolment and at each renewal, so that the wire never shows one name for long. */
export interface GateKey {
  /** `PSEUDONYM_CHARS` of base32. */
  readonly pseudonym: string;
  readonly key: Uint8Array;
}

/** 80 bits: no two are alike, none is guessed. */
export const PSEUDONYM_BYTES = 10;
const PSEUDONYM_CHARS = 16;
/** 128 bits of the HMAC. */
const TAG_BYTES = 16;
const TAG_CHARS = 26;
/** Ending of the name; no resolver is ever asked for it. */
const SUFFIX = '.picket';
const NAME = new RegExp(`^([a-z2-7]{${PSEUDONYM_CHARS}})-([a-z2-7]{${TAG_CHARS}})\\${SUFFIX}$`);
/** Minutes by which the two clocks may differ to each side. */
const SKEW_MINUTES = [-1, 0, 1];

export interface GateName {
  readonly pseudonym: string;
  readonly tag: string;
}

/** The server name to send at this instant. */
export function gateName(
  { pseudonym, key }: GateKey,
  now: Instant,
  primitives: Pick<Primitives, 'hmacSha256'>,
): string {
  return `${pseudonym}-${tagOf({ pseudonym, key }, Math.floor(now / MINUTE), primitives)}${SUFFIX}`;
}

/** Takes a server name apart; null for every name of another form. */
export function readGateName(serverName: string): GateName | null {
  const [, pseudonym, tag] = NAME.exec(serverName) ?? [];
  return pseudonym === undefined || tag === undefined ? null : { pseudonym, tag };
}

/** Whether the tag was made with this key about now. Takes the same time whichever minute fits, and whether one does. */
export function isGateTagRight(
  of: { readonly key: Uint8Array; readonly name: GateName; readonly now: Instant },
  primitives: Pick<Primitives, 'hmacSha256'>,
): boolean {
  const { pseudonym, tag } = of.name;
  const minute = Math.floor(of.now / MINUTE);
  let isRight = false;
  for (const skew of SKEW_MINUTES) {
    const expected = tagOf({ pseudonym, key: of.key }, minute + skew, primitives);
    isRight = areEqualSecrets(ascii(expected), ascii(tag)) || isRight;
  }
  return isRight;
}

function tagOf({ pseudonym, key }: GateKey, minute: number, primitives: Pick<Primitives, 'hmacSha256'>): string {
  return base32(primitives.hmacSha256(key, ascii(`picket-gate/1\n${pseudonym}\n${minute}`)).subarray(0, TAG_BYTES));
}
