// Foreign text made fit for a policy: names, labels, one-line texts. Whatever a policy could not carry is changed here and nowhere else.

/** Longest piece of foreign text that is repeated. */
const QUOTE_MAX = 120;
const ID_MAX = 100;

/** One line, without control and direction characters, cut. */
export function plainText(text: string, most = QUOTE_MAX): string {
  const head = [...text.slice(0, most * 2)].slice(0, most);
  const plain = head.map((char) => (isOdd(char) ? ' ' : char)).join('');
  return `${plain.replace(/\s+/g, ' ').trim()}${text.length > most ? '…' : ''}`;
}

function isOdd(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  return (
    code < 32 ||
    (code >= 127 && code < 161) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    (code >= 0xd800 && code <= 0xdfff) ||
    code >= 0xfe00
  );
}

/** A name that a policy takes: lower case letters, digits, `-`, `_`, `.`; it begins with a letter. */
export function plainId(text: string): string {
  const plain = text
    .slice(0, ID_MAX * 2)
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .slice(0, ID_MAX);
  if (plain === '') return 'unnamed';
  return /^[0-9]/.test(plain) || RESERVED.has(plain) || /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/.test(plain)
    ? `x-${plain}`
    : plain;
}

/** Words that mean something of their own in a selector or a sentence. */
const RESERVED: ReadonlySet<string> = new Set(['any', 'internet', 'not', 'may', 'use']);

const LABEL_KEY = /^[A-Za-z0-9][A-Za-z0-9_./-]{0,62}$/;
const LABEL_VALUE = /^[^\s()&|!=,"'#]{1,128}$/;

/** Whether a policy can carry the label as it is. */
export function isLabel(key: string, value: string): boolean {
  return (
    LABEL_KEY.test(key) && key !== 'kind' && key !== 'name' && LABEL_VALUE.test(value) && plainText(value) === value
  );
}
