// Values that the routes of the authority share: identities, keys, proofs, and the statuses of what it refuses. Not the routes.

import * as z from 'zod';
import { identityTopic } from '#identity';
import type { ErrorKinds } from './error-kinds.ts';

/** A public key, signature or certificate of ours has some hundreds of bytes. */
const BYTES_CHARS_MAX = 6_000;
const ID_CHARS_MAX = 512;

export const base64 = z.base64().max(BYTES_CHARS_MAX).meta({ description: 'base64 with padding' });

export const identityId = z
  .string()
  .max(ID_CHARS_MAX)
  .regex(/^spiffe:\/\/[a-z0-9.-]+\/[a-z]+\/[a-z0-9_./-]+$/, 'an identity is like spiffe://plant.example/gateway/north')
  .meta({ description: 'SPIFFE id', examples: ['spiffe://plant.example/gateway/north'] });

/** An identity in a path: its id in base64url, because ids hold slashes. */
export const identityKey = z
  .string()
  .max(Math.ceil((ID_CHARS_MAX * 4) / 3))
  .regex(/^[A-Za-z0-9_-]+$/)
  .meta({
    description: 'id of an identity in base64url',
    examples: ['c3BpZmZlOi8vcGxhbnQuZXhhbXBsZS9nYXRld2F5L25vcnRo'],
  });

export const ID_EXAMPLE = 'spiffe://plant.example/gateway/north';
export const KEY_EXAMPLE = 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE';
export const SERIAL_EXAMPLE = '5d2635bc281d85023d902a91c06ba124';

const STATUSES = {
  'PICKET-C300': 422,
  'PICKET-C303': 422,
  'PICKET-C307': 403,
  'PICKET-C308': 409,
  'PICKET-C320': 403,
  'PICKET-C321': 409,
  'PICKET-C322': 403,
  'PICKET-C323': 403,
  'PICKET-C324': 422,
  'PICKET-C325': 422,
  'PICKET-C326': 422,
  'PICKET-C328': 409,
  'PICKET-C330': 403,
  'PICKET-C331': 409,
  'PICKET-C333': 403,
  'PICKET-C334': 429,
  'PICKET-C340': 409,
  'PICKET-C341': 503,
  'PICKET-C342': 503,
  'PICKET-C343': 409,
  'PICKET-C344': 503,
  'PICKET-C345': 404,
  'PICKET-C346': 409,
  'PICKET-C347': 404,
  'PICKET-C348': 409,
} as const;
type AuthorityCode = keyof typeof STATUSES;

/** What any route of the authority may meet: a domain without keys, a seal that does not fit. */
const ALWAYS: readonly AuthorityCode[] = ['PICKET-C341', 'PICKET-C345'];

/** The kinds of these codes; their pages are those of the identity room. */
export function authorityErrors(...codes: readonly AuthorityCode[]): ErrorKinds {
  return Object.fromEntries(
    [...ALWAYS, ...codes].map((code) => [code, { status: STATUSES[code], ...identityTopic(code) }]),
  );
}
