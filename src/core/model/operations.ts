// The forms of operations: what capture writes, a policy may list and a learner may propose. `<protocol> <rest>`, and `<protocol> ?` for what could not be read.
// Not their meaning: each decoder numbers its own.

/** What a datagram of contradicting fragments is said to ask for: nothing that a rule should ever permit. */
export const CONTRADICTION = 'ip contradiction';

/** A number of one byte, and letters of a word from the wire; any other byte of such a word is written %XX. */
const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const HEX = '0x[0-9a-f]{2}';
const WORD = '[A-Za-z0-9._/:%-]{1,384}';

/** The rest of an operation of each protocol. */
const FORMS: Readonly<Record<string, string>> = {
  modbus: `${BYTE}/${BYTE}`,
  mqtt: '[1-9]|1[0-5]',
  dnp3: BYTE,
  s7comm: `${BYTE}/(?:${HEX})?`,
  s7userdata: `${BYTE}/${BYTE}`,
  enip: `0x[0-9a-f]{4}/(?:${HEX})?`,
  iec104: `${BYTE}/${BYTE}`,
  bacnet: `\\d/${BYTE}/|\\d//(?:${BYTE})?`,
  bvlc: BYTE,
  npdu: BYTE,
  coap: BYTE,
  opcua: '\\d{1,10}',
  http: '[A-Z][A-Z_-]{1,15}',
  jsonrpc: WORD,
  mcp: `${WORD}|tools/call (?:${WORD}|\\?)`,
};

/** Letters that may stand between stars in a pattern: those of the form, without its structure. */
const LETTERS: Readonly<Record<string, string>> = {
  s7comm: '[0-9a-fx/]',
  enip: '[0-9a-fx/]',
  http: '[A-Z_-]',
  jsonrpc: '[A-Za-z0-9._/:%-]',
  mcp: '[A-Za-z0-9._/:% -]',
};
const NUMBER_LETTERS = '[0-9/]';
/** Longest pattern. */
const PATTERN_CHARS_MAX = 512;

/** The first words of operations. */
export const OPERATION_PROTOCOLS: readonly string[] = Object.keys(FORMS);

const OPERATION = new RegExp(`^(?:${OPERATION_PROTOCOLS.map((name) => `${name} (?:${FORMS[name]}|\\?)`).join('|')})$`);
const PATTERNS: ReadonlyMap<string, RegExp> = new Map(
  OPERATION_PROTOCOLS.map((name) => [name, new RegExp(`^(?:${LETTERS[name] ?? NUMBER_LETTERS}|\\*)+$`)]),
);

/** Whether the text is an operation as packets carry them, an unreadable one included. */
export function isOperation(text: string): boolean {
  return OPERATION.test(text);
}

/** Whether the operation stands for something that could not be read. */
export function isUnreadable(operation: string): boolean {
  return operation.endsWith(' ?');
}

/** Whether the text may stand in a rule: an operation, or a pattern with stars over the letters of its protocol. */
export function isOperationPattern(text: string): boolean {
  if (text.length > PATTERN_CHARS_MAX) return false;
  if (!text.includes('*')) return isOperation(text);
  const space = text.indexOf(' ');
  return PATTERNS.get(text.slice(0, space))?.test(text.slice(space + 1)) === true;
}
