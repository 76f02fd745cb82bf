// The kinds of tunnel that are told apart, and how each is written. Not how they are read.

/** How the number of a kind is written; 'none' where it has none that matters. */
type NumberStyle = 'none' | 'decimal' | 'hex' | 'pair';

interface KindRow {
  readonly word: string;
  readonly style: NumberStyle;
  /** Whether the number names a network with addresses of its own. Others number one direction of one association. */
  readonly namesNetwork: boolean;
}

const row = (word: string, style: NumberStyle, namesNetwork: boolean): KindRow => ({ word, style, namesNetwork });

const ROWS = [
  row('4in4', 'none', false),
  row('6in4', 'none', false),
  row('4in6', 'none', false),
  row('6in6', 'none', false),
  row('gre', 'decimal', true),
  row('pptp', 'decimal', false),
  row('nvgre', 'decimal', true),
  row('erspan', 'decimal', true),
  row('vxlan', 'decimal', true),
  row('vxlan-gpe', 'decimal', true),
  row('geneve', 'decimal', true),
  row('gtp', 'hex', false),
  row('teredo', 'none', false),
  row('l2tp', 'pair', false),
  row('l2tpv3', 'hex', false),
  row('etherip', 'none', false),
  row('mpls', 'none', false),
  row('esp', 'hex', false),
  row('ah', 'hex', false),
  row('wireguard', 'none', false),
] as const;

/** A kind is its place in the list above. */
export const KIND = {
  fourInFour: 0,
  sixInFour: 1,
  fourInSix: 2,
  sixInSix: 3,
  gre: 4,
  pptp: 5,
  nvgre: 6,
  erspan: 7,
  vxlan: 8,
  vxlanGpe: 9,
  geneve: 10,
  gtp: 11,
  teredo: 12,
  l2tp: 13,
  l2tpThree: 14,
  etherIp: 15,
  mpls: 16,
  esp: 17,
  ah: 18,
  wireguard: 19,
} as const;

export const KINDS = ROWS.length;

/** A tunnel of a kind that has a number, without it. */
export const NO_NUMBER = -1;

/** `vxlan 42`, `gtp 0x12345678`, `l2tp 5/9`, `gre`. */
export function kindText(kind: number, number: number): string {
  const found = ROWS[kind];
  if (found === undefined) return '';
  if (number === NO_NUMBER) return found.word;
  switch (found.style) {
    case 'none':
      return found.word;
    case 'decimal':
      return `${found.word} ${number}`;
    case 'hex':
      return `${found.word} 0x${number.toString(16).padStart(8, '0')}`;
    case 'pair':
      return `${found.word} ${Math.floor(number / 0x1_0000)}/${number % 0x1_0000}`;
  }
}

/** The same, with the number only where it names a network: both directions of a conversation then lie in the same one. */
export function networkText(kind: number, number: number): string {
  return kindText(kind, ROWS[kind]?.namesNetwork === true ? number : NO_NUMBER);
}
