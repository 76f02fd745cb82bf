// The detached signature of a MUD file (RFC 8520 section 13.2: CMS SignedData, DER), checked against certificates that the caller trusts.
// It fetches nothing and trusts nothing of its own: who signed is told, and whether that maker may speak for the device is for people to judge.

import { Certificate, ContentInfo, SignedData } from 'pkijs';
import type { Instant } from '#model';
import { EXIT } from './exits.ts';
import { Failure, nameOf } from './failure.ts';
import { readWhole } from './input/source.ts';
import type { Io } from './io.ts';
import { safeText } from './output/text.ts';

interface SignedPaths {
  readonly path: string;
  readonly signature: string;
  readonly ca: string;
}

interface Signed {
  /** What was verified, as text. */
  readonly text: string;
  /** Subject of the certificate. */
  readonly signer: string;
}

/** Largest file of the three that is read; a MUD file has some 30 kB, a signature with its chain some 10 kB. */
const BYTES_MAX = 4 * 1024 * 1024;

/** The text of the file if its signature is good; else a failure that says why not, and nothing is imported. */
export async function verifiedText(io: Io, { path, signature, ca }: SignedPaths): Promise<Signed> {
  const refuse = (why: string): Failure =>
    new Failure({
      code: 'PICKET-I031',
      exit: EXIT.failed,
      message: `cannot import ${nameOf(path)}: the signature ${nameOf(signature)} ${why}, so nothing was made of it`,
    });
  const content = await bytesOf(io, path);
  const trusted = certificatesOf((await bytesOf(io, ca)).toString('latin1'));
  if (trusted === null || trusted.length === 0)
    throw refuse(`cannot be checked: ${nameOf(ca)} holds no PEM certificate`);
  const signed = signedDataOf(await bytesOf(io, signature));
  if (signed === null) throw refuse('is no CMS signature (DER)');
  const fault = formFault(signed);
  if (fault !== null) throw refuse(fault);
  const outcome = await verify(signed, { content, trusted, at: io.now() });
  if ('fault' in outcome) throw refuse(outcome.fault);
  return { text: content.toString('utf8'), signer: nameText(outcome.signer) };
}

function bytesOf(io: Io, path: string): Promise<Buffer> {
  return readWhole(io, path, { bytesMax: BYTES_MAX, noun: 'signed MUD file' });
}

/** Certificates of one PEM file: a root and its sisters, not a store. */
const CERTIFICATES_MAX = 200;

/** Null where one of them cannot be read: a broken list of trust is none. */
function certificatesOf(pem: string): readonly Certificate[] | null {
  const blocks = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)];
  if (blocks.length > CERTIFICATES_MAX) return null;
  const certificates: Certificate[] = [];
  for (const [, base64 = ''] of blocks) {
    const certificate = parsed(() => Certificate.fromBER(Buffer.from(base64, 'base64')));
    if (certificate === null) return null;
    certificates.push(certificate);
  }
  return certificates;
}

const SIGNED_DATA = '1.2.840.113549.1.7.2';

function signedDataOf(bytes: Buffer): SignedData | null {
  return parsed(() => {
    const info = ContentInfo.fromBER(bytes);
    return info.contentType === SIGNED_DATA ? new SignedData({ schema: info.content }) : null;
  });
}

/** The parser throws for whatever it cannot read, which here is an answer. */
function parsed<Value>(parse: () => Value): Value | null {
  try {
    return parse();
  } catch {
    return null;
  }
}

const DATA = '1.2.840.113549.1.7.1';

/** SHA-256, SHA-384, SHA-512: what a file may be digested with. MD5 and SHA-1 can be made to collide. */
const DIGESTS: ReadonlySet<string> = new Set([
  '2.16.840.1.101.3.4.2.1',
  '2.16.840.1.101.3.4.2.2',
  '2.16.840.1.101.3.4.2.3',
]);

/** Forms in which a good signature would say nothing about this file. */
function formFault({ encapContentInfo, signerInfos }: SignedData): string | null {
  // With content of its own, or of another type (a time stamp brings its own clock), the library would verify that instead of the file.
  if (encapContentInfo.eContent !== undefined) return 'is not detached: it brings a content of its own';
  if (encapContentInfo.eContentType !== DATA) return 'is over something else than data';
  const [signer] = signerInfos;
  if (signer === undefined || signerInfos.length > 1) return `has ${signerInfos.length} signers, and one is needed`;
  if (!DIGESTS.has(signer.digestAlgorithm.algorithmId)) return 'uses a digest that can be forged or is not known';
  return null;
}

type Outcome = { readonly signer: Certificate } | { readonly fault: string };

async function verify(
  signed: SignedData,
  {
    content,
    trusted,
    at,
  }: { readonly content: Buffer; readonly trusted: readonly Certificate[]; readonly at: Instant },
): Promise<Outcome> {
  try {
    const { signatureVerified, signerCertificate, certificatePath } = await signed.verify({
      signer: 0,
      data: Uint8Array.from(content).buffer,
      trustedCerts: [...trusted],
      checkChain: true,
      checkDate: new Date(at / 1000),
      extendedMode: true,
    });
    if (signatureVerified !== true || signerCertificate === null || signerCertificate === undefined)
      return { fault: 'is bad: it does not fit the file' };
    if (!mayDigitallySign(signerCertificate)) return { fault: 'is of a certificate that may not sign' };
    if (certificatePath.slice(0, -1).some(isWeaklySigned))
      return { fault: 'rests on a certificate signed with MD5 or SHA-1' };
    return { signer: signerCertificate };
  } catch (error) {
    // Every fault of the signature or its chain is thrown; the message says which, and none of them lets the file pass.
    return { fault: `is bad: ${safeText(error instanceof Error ? error.message : String(error))}` };
  }
}

const KEY_USAGE = '2.5.29.15';
/** First bit of keyUsage. */
const DIGITAL_SIGNATURE = 0x80;

/** A certificate that limits its key must allow signatures (RFC 8520 section 13.1). */
function mayDigitallySign({ extensions }: Certificate): boolean {
  const usage = extensions?.find(({ extnID }) => extnID === KEY_USAGE);
  if (usage === undefined) return true;
  // A BIT STRING in DER: tag, length, unused bits, then the bits.
  const [, , , bits = 0] = usage.extnValue.valueBlock.valueHexView;
  return (bits & DIGITAL_SIGNATURE) !== 0;
}

const WEAK_SIGNATURES: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.4',
  '1.2.840.113549.1.1.5',
  '1.2.840.10045.4.1',
]);

function isWeaklySigned({ signatureAlgorithm }: Certificate): boolean {
  return WEAK_SIGNATURES.has(signatureAlgorithm.algorithmId);
}

const NAME_PARTS: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.10', 'O'],
  ['2.5.4.6', 'C'],
]);

function nameText({ subject }: Certificate): string {
  const parts = subject.typesAndValues.flatMap(({ type, value }) => {
    const key = NAME_PARTS.get(type);
    return key === undefined ? [] : [`${key}=${safeText(String(value.valueBlock.value))}`];
  });
  return parts.length === 0 ? 'a certificate without a name' : parts.join(', ');
}
