// The one printer of nft text: fixed words stand in the sources of the rooms that use it, everything else is a number, an address or an interface's checked name.
// Not a parser; no name, comment or label of a policy ever reaches it.

import { type AddressBytes, addressText, type Mac, macText } from '#model';

/** A piece of nft text that came out of this printer. */
export interface Nft {
  readonly nft: string;
}

/** Whole numbers that nft reads: 64 bits in the kernel, 53 here. */
const NUMBER_MAX = Number.MAX_SAFE_INTEGER;

/**
 * Joins fixed words with numbers and printed pieces. INVARIANT: a value is a whole number from 0, or a piece printed before;
 * anything else is a bug and stops, because text of a policy must not become nft syntax.
 */
export function nft(words: TemplateStringsArray, ...values: readonly (number | Nft)[]): Nft {
  let text = words[0] ?? '';
  for (const [at, value] of values.entries()) text += valueText(value) + (words[at + 1] ?? '');
  return { nft: text };
}

function valueText(value: number | Nft): string {
  if (typeof value !== 'number') return value.nft;
  if (!Number.isInteger(value) || value < 0 || value > NUMBER_MAX) throw new RangeError(`nft cannot hold ${value}`);
  return String(value);
}

/** 32 bits as nft prints marks. */
export function mark(value: number): Nft {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw new RangeError(`no mark: ${value}`);
  return { nft: `0x${value.toString(16).padStart(8, '0')}` };
}

export function address(bytes: AddressBytes): Nft {
  return { nft: addressText(bytes) };
}

/** An address or a MAC as the number that raw payload is compared with: the given bytes, most significant first. */
export function raw(bytes: Uint8Array): Nft {
  return { nft: `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}` };
}

export function mac(value: Mac): Nft {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 48) throw new RangeError(`no MAC: ${value}`);
  return { nft: macText(value) };
}

/** Names of interfaces that are printed: a subset of what the kernel takes, without a letter that nft, a shell or a path reads otherwise. */
const INTERFACE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/;

/** Whether an interface's name can be printed. */
export function isInterfaceName(name: string): boolean {
  return INTERFACE_NAME.test(name);
}

/** The name of an interface, between quotes. INVARIANT: no other text from outside is printed, and of this only what cannot end the quotes. */
export function interfaceName(name: string): Nft {
  if (!isInterfaceName(name))
    throw new RangeError(`not the name of an interface that can be printed: ${JSON.stringify(name)}`);
  return { nft: `"${name}"` };
}

/** An inclusive range of addresses, or the address alone. */
export function addressRange(from: AddressBytes, to: AddressBytes): Nft {
  const first = addressText(from);
  const last = addressText(to);
  return { nft: first === last ? first : `${first}-${last}` };
}

/** Pieces with a comma between them. */
export function list(pieces: readonly Nft[]): Nft {
  return { nft: pieces.map((piece) => piece.nft).join(', ') };
}

/** Pieces with a line's end behind each. */
export function lines(pieces: readonly Nft[]): Nft {
  return { nft: pieces.map((piece) => `${piece.nft}\n`).join('') };
}
