// Rules for the two kinds of issuers of a domain: the root, and the issuing certificate below it that makes leaves and nothing else.
// Not a search for a chain.

import type { Instant } from '#model';
import { areEqual } from './bytes.ts';
import type { Certificate } from './certificate.ts';
import { OID } from './extensions.ts';
import { outOfTime } from './leaf.ts';
import { type Refusal, refuse } from './refusal.ts';

interface IssuerQuestion {
  readonly domain: string;
  readonly now: Instant;
}

/** The issuing certificate: path length 0, so that it can never make another issuer. Null when it keeps the rules. */
export function issuingFault(certificate: Certificate, question: IssuerQuestion): Refusal | null {
  if (certificate.basicConstraints?.pathLength !== 0) return broken('issuing', 'its path length is not 0');
  if (certificate.authorityKeyId === null) return broken('issuing', 'it does not say which key issued it');
  return issuerFault('issuing', certificate, question);
}

/** The root: its issuer is itself. That it signed itself is for the one who can verify. */
export function rootFault(certificate: Certificate, question: IssuerQuestion): Refusal | null {
  if (certificate.basicConstraints?.pathLength !== 1) return broken('root', 'its path length is not 1');
  if (!areEqual(certificate.issuer, certificate.subject)) return broken('root', 'its issuer is not itself');
  return issuerFault('root', certificate, question);
}

function broken(which: string, what: string): Refusal {
  return refuse('PICKET-C309', `the ${which} certificate breaks a rule: ${what}`);
}

function issuerFault(which: string, certificate: Certificate, { domain, now }: IssuerQuestion): Refusal | null {
  const { basicConstraints, keyUsage, critical, nameConstraints, subjectKeyId, extendedKeyUsage } = certificate;
  if (basicConstraints?.isCa !== true || !critical.includes(OID.basicConstraints))
    return broken(which, 'it may not issue certificates');
  const isUsageRight = keyUsage?.length === 2 && keyUsage.includes('keyCertSign') && keyUsage.includes('cRLSign');
  if (!isUsageRight || !critical.includes(OID.keyUsage))
    return broken(which, 'its key usage is not keyCertSign and cRLSign, marked critical');
  if (subjectKeyId === null || subjectKeyId.length === 0) return broken(which, 'it has no key id');
  if (extendedKeyUsage !== null) return broken(which, 'it has purposes of its own');
  const [permitted, ...more] = nameConstraints?.permitted ?? [];
  const isConstrained = permitted?.kind === 'uri' && permitted.text === domain && more.length === 0;
  if (!isConstrained || !critical.includes(OID.nameConstraints))
    return broken(which, 'its name constraints do not hold it to its own domain');
  const names = certificate.alternativeNames ?? [];
  const isNamed = names.length === 1 && names[0]?.kind === 'uri' && names[0].text === `spiffe://${domain}`;
  if (!isNamed) return broken(which, `its only name is not spiffe://${domain}`);
  return outOfTime(certificate, now);
}
