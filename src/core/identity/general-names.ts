// Names in certificates (subject alternative names, name constraints): each with its kind, as bytes say, never by splitting a text.
// Not a matcher: what a name may be is for the rules to say.

import { type Der, TAG } from './der.ts';

/** `other` is a name of a kind that no rule of ours allows, such as e-mail or a directory name. */
export type AlternativeName =
  | { readonly kind: 'uri'; readonly text: string }
  | { readonly kind: 'dns'; readonly text: string }
  | { readonly kind: 'ip'; readonly bytes: Uint8Array }
  | { readonly kind: 'other'; readonly tag: number };

const CONTEXT_DNS = 0x82;
const CONTEXT_URI = 0x86;
const CONTEXT_IP = 0x87;
const CONTEXT_CONSTRUCTED = [0xa0, 0xa3, 0xa4, 0xa5];
const CONTEXT_PRIMITIVE = [0x81, 0x88];
/** More names than a host with all its addresses has. */
const NAMES_MAX = 64;
/** Longest name; our ids are shorter. */
const NAME_BYTES_MAX = 1024;

/** One general name; `ipBytes` are the lengths that an address may have there. */
function readName(parent: Der, ipBytes: readonly number[]): AlternativeName {
  const tag = parent.tag;
  const { content } = parent.next(tag, 'name');
  if (tag === CONTEXT_IP) {
    if (!ipBytes.includes(content.length)) parent.fail('address has an impossible length');
    return { kind: 'ip', bytes: content };
  }
  if (tag === CONTEXT_URI || tag === CONTEXT_DNS) {
    if (content.length > NAME_BYTES_MAX) parent.fail('name is too long');
    // A zero byte or a control character is where C programs and we would read different names.
    if (content.some((byte) => byte < 0x21 || byte > 0x7e)) parent.fail('name is not printable ASCII');
    return {
      kind: tag === CONTEXT_URI ? 'uri' : 'dns',
      text: String.fromCharCode(...content.subarray(0, NAME_BYTES_MAX)),
    };
  }
  if (![...CONTEXT_CONSTRUCTED, ...CONTEXT_PRIMITIVE].includes(tag)) parent.fail(`name has the unknown tag ${tag}`);
  return { kind: 'other', tag };
}

/** SEQUENCE OF GeneralName, at least one. */
export function readAlternativeNames(parent: Der): readonly AlternativeName[] {
  const list = parent.next(TAG.sequence, 'subject alternative names');
  const names: AlternativeName[] = [];
  if (list.isAtEnd) list.fail('subject alternative names are empty');
  while (!list.isAtEnd) {
    if (names.length === NAMES_MAX) list.fail(`more than ${NAMES_MAX} names`);
    names.push(readName(list, [4, 16]));
  }
  return names;
}

export interface NameConstraints {
  readonly permitted: readonly AlternativeName[];
  readonly excluded: readonly AlternativeName[];
}

/** RFC 5280 4.2.1.10; minimum and maximum have to be absent, as it says. */
export function readNameConstraints(parent: Der): NameConstraints {
  const both = parent.next(TAG.sequence, 'name constraints');
  if (both.isAtEnd) both.fail('name constraints are empty');
  const permitted = readSubtrees(both.optional(0xa0, 'permitted names'));
  const excluded = readSubtrees(both.optional(0xa1, 'excluded names'));
  both.end('name constraints');
  return { permitted, excluded };
}

function readSubtrees(list: Der | null): readonly AlternativeName[] {
  const names: AlternativeName[] = [];
  if (list?.isAtEnd) list.fail('a list of name constraints is empty');
  while (list !== null && !list.isAtEnd) {
    if (names.length === NAMES_MAX) list.fail(`more than ${NAMES_MAX} name constraints`);
    const subtree = list.next(TAG.sequence, 'name constraint');
    names.push(readName(subtree, [8, 32]));
    subtree.end('name constraint');
  }
  return names;
}
