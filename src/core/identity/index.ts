// Door of identity: SPIFFE ids, strict reading of certificates, the rules for leaves and issuers, bundles, revocations, the gate's name, what is signed at enrolment.
// In: bytes, texts, instants, a port to a cryptographic library. Out: checked values or refusals with a code.
// Never: a private key, a clock, randomness, I/O; an acceptance that OpenSSL would refuse.

export {
  acceptBundle,
  type BundleDocument,
  type BundleRoot,
  keyIdOf,
  type PolicyKey,
  printBundle,
  readBundle,
  type TrustBundle,
} from './bundle.ts';
export {
  areEqual,
  areEqualSecrets,
  base32,
  base64,
  base64url,
  fromBase64,
  fromBase64url,
  fromHex,
  hex,
} from './bytes.ts';
export {
  CERTIFICATE_BYTES_MAX,
  type Certificate,
  type KeyKind,
  type PublicKey,
  readCertificate,
  readPublicKey,
} from './certificate.ts';
export { CLIENT_AUTH, type KeyUsage, SERVER_AUTH } from './extensions.ts';
export { type GateKey, type GateName, gateName, isGateTagRight, PSEUDONYM_BYTES, readGateName } from './gate.ts';
export type { AlternativeName } from './general-names.ts';
export { type JoinLink, joinLink, readJoinLink, TOKEN_BYTES } from './join-link.ts';
export { checkLeaf, identityOf, type Leaf, type LeafQuestion } from './leaf.ts';
export {
  BACKDATED,
  canHoldRenewalKey,
  cutAt,
  LEAF_LIFE,
  LEAF_LIFE_LEAST,
  type LeafState,
  leafState,
  renewAt,
  type Validity,
} from './lifetimes.ts';
export { identityCodes, identityPage, identityTopic } from './pages.ts';
export { checkRoot, type Presented, type Trust, verifyPeer } from './peer.ts';
export type { Primitives } from './primitives.ts';
export { type EnrolProof, endorseText, enrolText, type RenewProof, renewText } from './proofs.ts';
export { type Checked, ok, quoted, type Refusal, refuse } from './refusal.ts';
export { REVOCATIONS_MAX, type Revocation, RevocationIndex, type RevocationList, upward } from './revocations.ts';
export {
  IDENTITY_KINDS,
  type IdentityKind,
  isDomainName,
  isIdentityKind,
  isIdentityPath,
  parseSpiffeId,
  type SpiffeId,
  spiffeId,
} from './spiffe.ts';
