// The one verifier: a peer's certificate, with what it sent beside it, against a domain's roots and revocations. Every certificate goes through here.
// Identity comes from the first certificate alone; what else was sent can only help to reach a root, never name anybody.

import { areEqual } from './bytes.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import { issuingFault, rootFault } from './issuer.ts';
import { checkLeaf, type Leaf, type LeafQuestion } from './leaf.ts';
import type { Primitives } from './primitives.ts';
import { type Checked, ok, type Refusal, refuse } from './refusal.ts';
import type { RevocationIndex } from './revocations.ts';

/** What a peer presented, in DER. */
export interface Presented {
  readonly leaf: Uint8Array;
  readonly others: readonly Uint8Array[];
}

export interface Trust {
  /** Roots of the domain's bundle. */
  readonly roots: readonly Certificate[];
  readonly revocations: RevocationIndex;
  readonly primitives: Primitives;
}

/** One issuing certificate and the root are sent; two issuing ones during a rotation. */
const OTHERS_MAX = 4;

/** All of it: form, rules, chain, time, revocation. Total: never throws. */
export function verifyPeer(presented: Presented, trust: Trust, question: LeafQuestion): Checked<Leaf> {
  const certificate = readCertificate(presented.leaf);
  if (certificate.kind === 'refused') return certificate;
  const leaf = checkLeaf(certificate.value, question);
  if (leaf.kind === 'refused') return leaf;
  if (presented.others.length > OTHERS_MAX)
    return refuse(
      'PICKET-C308',
      `${presented.others.length} certificates were sent beside the leaf, at most ${OTHERS_MAX} are read`,
    );
  const fault = chainFault(certificate.value, presented.others, { trust, question });
  if (fault !== null) return fault;
  const revoked =
    trust.revocations.domain === question.domain ? trust.revocations.find(leaf.value) : 'list of another domain';
  if (revoked === null) return leaf;
  return refuse('PICKET-C307', `${leaf.value.id.text} is revoked (${revoked.split(' ')[0]})`);
}

interface Asked {
  readonly trust: Trust;
  readonly question: LeafQuestion;
}

/** Null where one of the others leads from the leaf to a root. */
function chainFault(leaf: Certificate, others: readonly Uint8Array[], asked: Asked): Refusal | null {
  let fault = refuse(
    'PICKET-C308',
    'the certificate was issued by nobody who was sent along and whom a root of the domain vouches for',
    'the peer may belong to another installation, or the root was rotated while this side was away',
  );
  for (const der of others) {
    const issuing = readCertificate(der);
    if (issuing.kind === 'refused' || !isIssuerOf(issuing.value, leaf, asked.trust.primitives)) continue;
    const found = issuingFault(issuing.value, asked.question) ?? anchorFault(issuing.value, asked);
    if (found === null) return null;
    fault = found;
  }
  return fault;
}

function anchorFault(issuing: Certificate, { trust, question }: Asked): Refusal | null {
  const root = trust.roots.find((one) => isIssuerOf(one, issuing, trust.primitives));
  if (root !== undefined) return rootFault(root, question);
  return refuse('PICKET-C308', 'no root of the domain issued the issuing certificate', 'fetch the bundle anew');
}

/** By name, by key id and by signature: all three. */
export function isIssuerOf(issuer: Certificate, subject: Certificate, primitives: Primitives): boolean {
  const { subjectKeyId } = issuer;
  const { authorityKeyId } = subject;
  if (subjectKeyId === null || authorityKeyId === null || !areEqual(subjectKeyId, authorityKeyId)) return false;
  if (!areEqual(issuer.subject, subject.issuer) || issuer.key.kind !== subject.signedWith) return false;
  return primitives.verify({ signed: subject.signed, signature: subject.signature, key: issuer.key });
}

/** Whether a certificate is a sound root of this domain: rules, time, and its own signature on itself. */
export function checkRoot(
  der: Uint8Array,
  question: Pick<LeafQuestion, 'domain' | 'now'>,
  primitives: Primitives,
): Checked<Certificate> {
  const root = readCertificate(der);
  if (root.kind === 'refused') return root;
  const fault = rootFault(root.value, question);
  if (fault !== null) return fault;
  const { signed, signature, key, signedWith } = root.value;
  const isSelfSigned = key.kind === signedWith && primitives.verify({ signed, signature, key });
  return isSelfSigned
    ? ok(root.value)
    : refuse('PICKET-C309', 'the root certificate breaks a rule: its signature is not its own');
}
