// SPIFFE ids as Picket uses them: `spiffe://<domain>/<kind>/<path>`. Narrower than the standard: what could be read in two ways is refused.
// Not a URI parser: there is no escape, port, query or fragment to decode, so there is nothing to decode wrongly.

import { ELEMENT_KINDS, type ElementKind } from '#model';
import { type Checked, ok, quoted, refuse } from './refusal.ts';

/** Kinds of elements, and of Picket's own processes, that can hold a certificate. */
export type IdentityKind = ElementKind | 'gateway' | 'host' | 'relay' | 'controller';
export const IDENTITY_KINDS: readonly IdentityKind[] = [...ELEMENT_KINDS, 'gateway', 'host', 'relay', 'controller'];

export interface SpiffeId {
  /** The whole id; two ids are equal when their texts are. */
  readonly text: string;
  /** The domain of control, which is the trust domain. */
  readonly domain: string;
  readonly kind: IdentityKind;
  /** One or more names with `/` between them; the first is the element's id. */
  readonly path: string;
}

/** A DNS name has at most 253 characters, its labels 63. */
const DOMAIN_CHARS_MAX = 253;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** The grammar of an element's id in a policy, so that one fits into the other. It cannot be `.` or `..`. */
const SEGMENT = /^[a-z0-9][a-z0-9_.-]{0,127}$/;
/** Nesting of identities (an agent's agent's agent) that a person can still follow. */
const SEGMENTS_MAX = 8;
/** The standard allows 2048 bytes; ids stand in every record, so ours are shorter. */
const ID_CHARS_MAX = 512;
const SCHEME = 'spiffe://';

/** Whether `text` can name a domain: a DNS name in lower case that cannot be taken for an address. */
export function isDomainName(text: string): boolean {
  if (text.length === 0 || text.length > DOMAIN_CHARS_MAX) return false;
  const labels = text.split('.');
  return labels.every((label) => LABEL.test(label)) && !/^[0-9]+$/.test(labels.at(-1) ?? '');
}

/** Whether `text` can stand after the kind: names of the policy's grammar with `/` between them. */
export function isIdentityPath(text: string): boolean {
  if (text.length > ID_CHARS_MAX) return false;
  const segments = text.split('/');
  return segments.length <= SEGMENTS_MAX && segments.every((segment) => SEGMENT.test(segment));
}

export function isIdentityKind(text: string): text is IdentityKind {
  return IDENTITY_KINDS.some((kind) => kind === text);
}

/** The id of its parts. */
export function spiffeId(parts: {
  readonly domain: string;
  readonly kind: string;
  readonly path: string;
}): Checked<SpiffeId> {
  const { domain, kind, path } = parts;
  if (!isDomainName(domain)) return refuse('PICKET-C300', `domain ${quoted(domain)} is no DNS name in lower case`);
  if (!isIdentityKind(kind))
    return refuse('PICKET-C300', `kind ${quoted(kind)} is not known; needed is one of ${IDENTITY_KINDS.join(', ')}`);
  if (!isIdentityPath(path))
    return refuse(
      'PICKET-C300',
      `path ${quoted(path)} is not 1 to ${SEGMENTS_MAX} names with "/" between them, each of a-z, 0-9, "_", ".", "-", beginning with a letter or digit`,
    );
  const text = `${SCHEME}${domain}/${kind}/${path}`;
  if (text.length > ID_CHARS_MAX)
    return refuse('PICKET-C300', `the identity has ${text.length} characters, at most ${ID_CHARS_MAX} are possible`);
  return ok({ text, domain, kind, path });
}

/** Reads an id strictly: what this accepts, every SPIFFE reader takes for the same id. */
export function parseSpiffeId(text: string): Checked<SpiffeId> {
  if (text.length > ID_CHARS_MAX)
    return refuse('PICKET-C300', `the identity has ${text.length} characters, at most ${ID_CHARS_MAX} are possible`);
  const match = /^spiffe:\/\/([^/]*)\/([^/]*)\/(.*)$/s.exec(text);
  const [, domain, kind, path] = match ?? [];
  if (domain === undefined || kind === undefined || path === undefined)
    return refuse('PICKET-C300', `${quoted(text)} is no identity; needed is spiffe://DOMAIN/KIND/PATH`);
  return spiffeId({ domain, kind, path });
}
