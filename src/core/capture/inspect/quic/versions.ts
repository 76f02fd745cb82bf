// What differs between the versions of QUIC as far as an Initial packet goes: the salt of its keys, the labels, the packet type, the frames.
// Not a list of what a peer may speak: a version without an entry is not read.

/** How the CRYPTO data of a version reads: TLS messages, or Google's tagged CHLO. */
export type Handshake = 'tls' | 'google';

export interface Version {
  readonly salt: Uint8Array;
  /** Before ` key`, ` iv` and ` hp` in the labels that keys are derived with. */
  readonly label: string;
  /** The two type bits of an Initial packet. */
  readonly initialType: number;
  readonly cryptoFrame: number;
  readonly handshake: Handshake;
}

/** RFC 9001 section 5.2. */
const SALT_ONE = bytesOf('38762cf7f55934b34d179ae6a4c80cadccbb7f0a');
/** RFC 9369 section 3.3.1. */
const SALT_TWO = bytesOf('0dede3def700a6db819381be6e269dcbf9bd2ed9');
/** draft-ietf-quic-tls-29 section 5.2. */
const SALT_DRAFT_29 = bytesOf('afbfec289993d24c9e9786f19c6111e04390a899');
/** draft-ietf-quic-tls-23 section 5.2. */
const SALT_DRAFT_23 = bytesOf('c3eef712c72ebb5a11a7d2432bb46365bef9f502');
/** draft-ietf-quic-tls-22 section 5.2. */
const SALT_DRAFT_22 = bytesOf('7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a');
/** Chromium's quic_crypto: Google versions Q050, T050, T051. */
const SALT_Q050 = bytesOf('504574efd066fe2f9d945cfcdbd3a7f0d3b56b45');
const SALT_T050 = bytesOf('7ff579e5acd072915580304c43a2367c60488310');
const SALT_T051 = bytesOf('7a4edef4e7ccee5fa4506c19124fc8ccda6e033d');

const VERSION_ONE = 0x0000_0001;
const VERSION_TWO = 0x6b33_43cf;

const ONE: Version = { salt: SALT_ONE, label: 'quic', initialType: 0, cryptoFrame: 6, handshake: 'tls' };
const VERSIONS: ReadonlyMap<number, Version> = new Map([
  [VERSION_ONE, ONE],
  [VERSION_TWO, { ...ONE, salt: SALT_TWO, label: 'quicv2', initialType: 1 }],
  ...drafts(33, 34).map((draft): [number, Version] => [draft, ONE]),
  ...drafts(29, 32).map((draft): [number, Version] => [draft, { ...ONE, salt: SALT_DRAFT_29 }]),
  ...drafts(23, 28).map((draft): [number, Version] => [draft, { ...ONE, salt: SALT_DRAFT_23 }]),
  ...drafts(21, 22).map((draft): [number, Version] => [draft, { ...ONE, salt: SALT_DRAFT_22 }]),
  // Facebook's mvfst, named after the drafts they follow.
  [0xface_b001, { ...ONE, salt: SALT_DRAFT_22 }],
  [0xface_b002, { ...ONE, salt: SALT_DRAFT_23 }],
  [0xface_b00e, { ...ONE, salt: SALT_DRAFT_23 }],
  [numberOf('Q050'), { ...ONE, salt: SALT_Q050, cryptoFrame: 8, handshake: 'google' }],
  [numberOf('T050'), { ...ONE, salt: SALT_T050 }],
  [numberOf('T051'), { ...ONE, salt: SALT_T051 }],
]);

/** The version of that number, or undefined when its Initial packets can not be read. */
export function versionOf(number: number): Version | undefined {
  return VERSIONS.get(number);
}

function drafts(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => 0xff00_0000 + first + at);
}

function numberOf(name: string): number {
  return [...name].reduce((number, char) => number * 256 + char.charCodeAt(0), 0);
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
