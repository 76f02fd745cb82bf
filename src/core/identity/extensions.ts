// The extensions of a certificate that Picket understands, each read strictly. Unknown ones pass only where they are not critical.
// Not rules: whether an extension is needed or may be there is said by the rules for leaves and issuers.

import { Der, readBitString, readBoolean, readObjectId, readSmallInteger, TAG, type Trouble } from './der.ts';
import {
  type AlternativeName,
  type NameConstraints,
  readAlternativeNames,
  readNameConstraints,
} from './general-names.ts';

/** Bits of RFC 5280 4.2.1.3 in their order. */
export type KeyUsage =
  | 'digitalSignature'
  | 'nonRepudiation'
  | 'keyEncipherment'
  | 'dataEncipherment'
  | 'keyAgreement'
  | 'keyCertSign'
  | 'cRLSign'
  | 'encipherOnly'
  | 'decipherOnly';
const KEY_USAGES: readonly KeyUsage[] = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
];

export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** What is absent is null. */
export interface Extensions {
  readonly basicConstraints: { readonly isCa: boolean; readonly pathLength: number | null } | null;
  readonly keyUsage: readonly KeyUsage[] | null;
  readonly extendedKeyUsage: readonly string[] | null;
  readonly alternativeNames: readonly AlternativeName[] | null;
  readonly nameConstraints: NameConstraints | null;
  readonly subjectKeyId: Uint8Array | null;
  readonly authorityKeyId: Uint8Array | null;
  /** Object identifiers of all that are marked critical. */
  readonly critical: readonly string[];
}

export const OID = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  alternativeNames: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** Ours have six; more than this is no certificate that anybody means. */
const EXTENSIONS_MAX = 24;
/** Purposes of a certificate: ours have two. */
const PURPOSES_MAX = 16;
const CONTEXT_KEY_ID = 0x80;

type Draft = { -readonly [Name in keyof Extensions]: Extensions[Name] };

export const NO_EXTENSIONS: Extensions = Object.freeze({
  basicConstraints: null,
  keyUsage: null,
  extendedKeyUsage: null,
  alternativeNames: null,
  nameConstraints: null,
  subjectKeyId: null,
  authorityKeyId: null,
  critical: [],
});

/** What each understood extension's value is read into. */
const READERS: ReadonlyMap<string, (value: Der, into: Draft) => void> = new Map([
  [OID.basicConstraints, readBasicConstraints],
  [OID.keyUsage, readKeyUsage],
  [OID.extendedKeyUsage, readExtendedKeyUsage],
  [OID.alternativeNames, readNames],
  [OID.nameConstraints, readConstraints],
  [OID.subjectKeyId, readSubjectKeyId],
  [OID.authorityKeyId, readAuthorityKeyId],
]);

/** All extensions of the list; trouble of one is trouble of the whole. */
export function readExtensions(list: Der, trouble: Trouble): Extensions {
  const into: Draft = { ...NO_EXTENSIONS };
  const seen = new Set<string>();
  const critical: string[] = [];
  if (list.isAtEnd) list.fail('extensions are empty');
  while (!list.isAtEnd) {
    const extension = list.next(TAG.sequence, 'extension');
    const id = readObjectId(extension, 'extension id');
    const isCritical = extension.tag === TAG.boolean;
    if (isCritical && !readBoolean(extension, 'critical'))
      extension.fail('critical is false, which has to be left out');
    const value = extension.next(TAG.octetString, 'extension value');
    extension.end('extension');
    if (seen.has(id)) list.fail(`extension ${id} stands twice`);
    if (seen.size === EXTENSIONS_MAX) list.fail(`more than ${EXTENSIONS_MAX} extensions`);
    seen.add(id);
    if (isCritical) critical.push(id);
    readValue({ id, isCritical, value: Der.within(value, trouble), into });
  }
  into.critical = critical;
  return into;
}

function readValue(of: {
  readonly id: string;
  readonly isCritical: boolean;
  readonly value: Der;
  readonly into: Draft;
}): void {
  const { id, isCritical, value, into } = of;
  const reader = READERS.get(id);
  if (reader === undefined) {
    if (isCritical) value.fail(`extension ${id} is critical and not understood`);
    return;
  }
  reader(value, into);
  value.end(`extension ${id}`);
}

function readBasicConstraints(value: Der, into: Draft): void {
  const both = value.next(TAG.sequence, 'basic constraints');
  const isCa = both.tag === TAG.boolean;
  if (isCa && !readBoolean(both, 'CA')) both.fail('CA is false, which has to be left out');
  const hasPathLength = both.tag === TAG.integer;
  if (hasPathLength && !isCa) both.fail('a path length stands where there is no CA');
  const pathLength = hasPathLength ? readSmallInteger(both, 'path length', 127) : null;
  both.end('basic constraints');
  into.basicConstraints = { isCa, pathLength };
}

function readKeyUsage(value: Der, into: Draft): void {
  const { bytes, unusedBits } = readBitString(value, 'key usage');
  const bitCount = bytes.length * 8 - unusedBits;
  const isSet = (bit: number): boolean => (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1;
  // DER of a list of named bits ends with a bit that is set.
  if (bitCount === 0 || bitCount > KEY_USAGES.length || !isSet(bitCount - 1))
    value.fail('key usage is empty or not in its shortest form');
  into.keyUsage = KEY_USAGES.filter((_, bit) => isSet(bit));
}

function readExtendedKeyUsage(value: Der, into: Draft): void {
  const list = value.next(TAG.sequence, 'extended key usage');
  const purposes: string[] = [];
  if (list.isAtEnd) list.fail('extended key usage is empty');
  while (!list.isAtEnd) {
    const purpose = readObjectId(list, 'purpose');
    if (purposes.includes(purpose) || purposes.length === PURPOSES_MAX)
      list.fail('a purpose stands twice, or there are too many');
    purposes.push(purpose);
  }
  into.extendedKeyUsage = purposes;
}

function readNames(value: Der, into: Draft): void {
  into.alternativeNames = readAlternativeNames(value);
}

function readConstraints(value: Der, into: Draft): void {
  into.nameConstraints = readNameConstraints(value);
}

function readSubjectKeyId(value: Der, into: Draft): void {
  into.subjectKeyId = value.next(TAG.octetString, 'subject key id').content;
}

/** Only the key's id is understood: issuer and serial in its place name an issuer in a second way. */
function readAuthorityKeyId(value: Der, into: Draft): void {
  const list = value.next(TAG.sequence, 'authority key id');
  into.authorityKeyId = list.next(CONTEXT_KEY_ID, 'authority key id').content;
  list.end('authority key id');
}
