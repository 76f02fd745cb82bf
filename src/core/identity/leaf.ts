// Rules for the certificate of an element: exactly one identity in it, nothing that could be taken for another, no power to issue, a short life.
// Not a proof: that somebody trusted signed it is judged by the chain.

import { type Instant, instantText } from '#model';
import type { Certificate, PublicKey } from './certificate.ts';
import { CLIENT_AUTH, OID, SERVER_AUTH } from './extensions.ts';
import type { AlternativeName } from './general-names.ts';
import { BACKDATED, cutAt, LEAF_LIFE } from './lifetimes.ts';
import { type Checked, ok, quoted, type Refusal, refuse } from './refusal.ts';
import { type IdentityKind, parseSpiffeId, type SpiffeId } from './spiffe.ts';

/** What the certificate has to be good for. */
export interface LeafQuestion {
  readonly domain: string;
  /** Kinds that may stand here; null for all. */
  readonly kinds: readonly IdentityKind[] | null;
  /** Which side of a TLS connection its holder is. */
  readonly role: 'client' | 'server';
  readonly now: Instant;
}

/** A certificate that keeps the rules. */
export interface Leaf {
  readonly id: SpiffeId;
  readonly serial: string;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  readonly key: PublicKey;
  /** Id of the key that issued it, in hexadecimal. */
  readonly issuerKeyId: string;
}

/** Fewer bytes could be guessed or come twice; a leading zero byte may make one more. */
export const SERIAL_BYTES_MIN = 8;

/** All rules for a leaf, first what it is, then when, then how it is made. */
export function checkLeaf(certificate: Certificate, question: LeafQuestion): Checked<Leaf> {
  const found = identityOf(certificate);
  if (found.kind === 'refused') return found;
  const id = found.value;
  const refusal =
    misplaced(id, question) ??
    outOfTime(certificate, question.now) ??
    badlyNamed(certificate, id) ??
    badlyMade(certificate, id, question);
  if (refusal !== null) return refusal;
  const { serial, notBefore, notAfter, key, authorityKeyId } = certificate;
  const issuerKeyId = Array.from(authorityKeyId ?? [], (byte) => byte.toString(16).padStart(2, '0')).join('');
  return ok({ id, serial, notBefore, notAfter, key, issuerKeyId });
}

function broken(what: string): Refusal {
  return refuse('PICKET-C302', `the certificate breaks a rule: ${what}`);
}

/** The one URI is the identity, and there is exactly one. */
export function identityOf(certificate: Certificate): Checked<SpiffeId> {
  const uris = (certificate.alternativeNames ?? []).filter((name) => name.kind === 'uri');
  const [uri] = uris;
  if (uri === undefined) return broken('it names no identity (no URI among its names)');
  if (uris.length > 1) return broken(`it names ${uris.length} URIs, so it could be taken for several identities`);
  const id = parseSpiffeId(uri.text);
  return id.kind === 'ok' ? id : broken(id.message);
}

function misplaced(id: SpiffeId, { domain, kinds }: LeafQuestion): Refusal | null {
  if (id.domain !== domain)
    return refuse(
      'PICKET-C303',
      `${quoted(id.text)} belongs to domain ${quoted(id.domain)}, needed is ${quoted(domain)}`,
    );
  if (kinds === null || kinds.includes(id.kind)) return null;
  return refuse('PICKET-C304', `${quoted(id.text)} is of kind ${id.kind}, needed is ${kinds.join(' or ')}`);
}

/** Shared with the rules for issuers. */
export function outOfTime(certificate: Pick<Certificate, 'notBefore' | 'notAfter'>, now: Instant): Refusal | null {
  const { notBefore, notAfter } = certificate;
  if (now < notBefore)
    return refuse(
      'PICKET-C305',
      `the certificate is valid from ${instantText(notBefore)}, and the clock here says ${instantText(now)}`,
      'one of the two clocks is wrong: compare them',
    );
  if (now < cutAt(certificate)) return null;
  return refuse(
    'PICKET-C306',
    `the certificate ended at ${instantText(notAfter)}, and the clock here says ${instantText(now)}`,
  );
}

/** Beside the identity only a controller, which browsers reach by name, may have names of hosts. */
function badlyNamed(certificate: Certificate, id: SpiffeId): Refusal | null {
  const others = (certificate.alternativeNames ?? []).filter((name) => name.kind !== 'uri');
  const stray = others.find((name) => id.kind !== 'controller' || name.kind === 'other');
  return stray === undefined ? null : broken(`beside its identity it has a name of kind ${nameKind(stray)}`);
}

function nameKind(name: AlternativeName): string {
  return name.kind === 'other' ? 'e-mail, directory or other' : name.kind.toUpperCase();
}

function badlyMade(certificate: Certificate, id: SpiffeId, { role }: LeafQuestion): Refusal | null {
  const { basicConstraints, keyUsage, extendedKeyUsage, critical, serial, notBefore, notAfter } = certificate;
  if (basicConstraints?.isCa === true) return broken('it may issue certificates itself');
  if (certificate.nameConstraints !== null) return broken('it has name constraints, which only an issuer may have');
  if (keyUsage?.length !== 1 || keyUsage[0] !== 'digitalSignature' || !critical.includes(OID.keyUsage))
    return broken('its key usage is not digitalSignature alone, marked critical');
  const purpose = role === 'client' ? CLIENT_AUTH : SERVER_AUTH;
  if (extendedKeyUsage === null || !extendedKeyUsage.includes(purpose))
    return broken(`its purposes do not include TLS ${role}`);
  if (extendedKeyUsage.some((one) => one !== CLIENT_AUTH && one !== SERVER_AUTH))
    return broken('it has a purpose beyond TLS client and server');
  if (serial.length < SERIAL_BYTES_MIN * 2) return broken(`its serial number has fewer than ${SERIAL_BYTES_MIN} bytes`);
  if (certificate.authorityKeyId === null) return broken('it does not say which key issued it');
  if (notAfter - notBefore > LEAF_LIFE[id.kind] + BACKDATED) return broken(`it lives longer than kind ${id.kind} may`);
  return null;
}
