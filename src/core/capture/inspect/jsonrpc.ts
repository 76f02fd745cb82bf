// JSON-RPC 2.0 and MCP in the body of an HTTP request: which method is called, and which tool. Sources: JSON-RPC 2.0; MCP 2025-11-25, "Streamable HTTP".
// Not a JSON parser: what it passes over is not checked. A body that two parsers could read in two ways is unreadable. Answers ask for nothing.

import { startsWith, u8 } from './bytes.ts';
import { addOperation, type Found } from './decoder.ts';

/** Objects and arrays inside each other; deeper ones are unreadable. */
const DEPTH_MAX = 64;
/** Calls in one batch; a longer one is unreadable. */
const CALLS_MAX = 64;
/** Members of one object; more are unreadable. */
const MEMBERS_MAX = 1_024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SLASH = 0x2f;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = { object: 0x7b, array: 0x5b } as const;
const CLOSE = { object: 0x7d, array: 0x5d } as const;

/** Methods that only MCP has; those that begin with `notifications/` are its own too. `initialize` and `ping` are others' as well. */
const MCP_METHODS: readonly string[] = [
  'tools/call',
  'tools/list',
  'resources/list',
  'resources/read',
  'resources/templates/list',
  'resources/subscribe',
  'resources/unsubscribe',
  'prompts/list',
  'prompts/get',
  'completion/complete',
  'logging/setLevel',
  'sampling/createMessage',
  'elicitation/create',
  'roots/list',
  'tasks/get',
  'tasks/list',
  'tasks/result',
  'tasks/cancel',
];
const MCP_NOTIFICATION = 'notifications/';
const TOOL_CALL = 'tools/call';

/** Kinds of call, as the higher part of an operation number; the lower part is a word from the wire. */
const KIND = { rpc: 2 ** 32, mcp: 2 ** 33, tool: 2 ** 34 } as const;

/** The first word of the operation of a call, or null when the number is not a call's. */
export function callProtocol(code: number): string | null {
  return code < KIND.rpc ? null : code < KIND.mcp ? 'jsonrpc' : 'mcp';
}

/** The number of a call's word, behind its kind. */
export function callText(code: number, textOf: (word: number) => string): string {
  const word = textOf(code % KIND.rpc);
  return code < KIND.tool ? word : `${TOOL_CALL} ${word}`;
}

/** Bytes of a text inside the body, without its quotes. */
interface Text {
  from: number;
  to: number;
  hasEscape: boolean;
}

/** Where reading stands. `isBroken`: the bytes are no JSON, or such that parsers may differ. */
interface Cursor {
  readonly data: Uint8Array;
  readonly to: number;
  at: number;
  isBroken: boolean;
  readonly found: Found;
  readonly isMcp: boolean;
}

export interface Body {
  readonly data: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** The request's head said that it is MCP. */
  readonly isMcp: boolean;
}

/** Whether a JSON object or array may begin here, behind blanks or a byte order mark, as far as the bytes go. */
export function mayBeCalls(data: Uint8Array, from: number, to: number): boolean {
  const at = afterBlanks(data, afterMark(data, from, to), to);
  const first = u8(data, at);
  if (first !== OPEN.object && first !== OPEN.array) return false;
  const next = afterBlanks(data, at + 1, to);
  const second = u8(data, next);
  return next >= to || second === (first === OPEN.array ? OPEN.object : QUOTE);
}

/** Adds the calls of a body that `mayBeCalls`; an unreadable one is a call of no known method. */
export function readCalls({ data, from, to, isMcp }: Body, found: Found): void {
  const cursor: Cursor = { data, to, at: afterMark(data, from, to), isBroken: false, found, isMcp };
  skipBlanks(cursor);
  if (data[cursor.at] === OPEN.array) readBatch(cursor);
  else readCall(cursor);
  skipBlanks(cursor);
  if (cursor.isBroken || cursor.at < to) addUnreadableCall(found);
}

/** A call that may be any. */
export function addUnreadableCall(found: Found): void {
  addOperation(found, KIND.rpc);
}

function readBatch(cursor: Cursor): void {
  cursor.at++;
  for (let call = 0; call <= CALLS_MAX; call++) {
    skipBlanks(cursor);
    if (takes(cursor, CLOSE.array)) return;
    if (call === CALLS_MAX) break;
    if (call > 0 && !takes(cursor, COMMA)) break;
    skipBlanks(cursor);
    if (cursor.data[cursor.at] === OPEN.object) readCall(cursor);
    else skipValue(cursor);
    if (cursor.isBroken) return;
  }
  cursor.isBroken = true;
}

/** What the members of one object say, as far as a call is concerned. Reused within a call of `readMembers`. */
interface Call {
  isRpc: boolean;
  method: Text | null;
  tool: Text | null;
  hasParams: boolean;
  hasVersion: boolean;
}

function readCall(cursor: Cursor): void {
  const call: Call = { isRpc: false, method: null, tool: null, hasParams: false, hasVersion: false };
  readMembers(cursor, (key) => readCallMember(cursor, key, call));
  if (!cursor.isBroken && call.isRpc && call.method !== null) addCall(cursor, call.method, call);
}

/** Members that decide are compared without case, since some parsers do; a second one of them is one too many. */
function readCallMember(cursor: Cursor, key: Text, call: Call): void {
  const { data } = cursor;
  if (isWord(data, key, 'jsonrpc')) {
    const value = readText(cursor);
    if (call.isRpc || value === null || !isWord(data, value, '2.0')) cursor.isBroken = true;
    call.isRpc = true;
  } else if (isWord(data, key, 'method')) {
    const value = readText(cursor);
    if (call.method !== null || value === null) cursor.isBroken = true;
    call.method = value;
  } else if (isWord(data, key, 'params')) {
    if (call.hasParams) cursor.isBroken = true;
    call.hasParams = true;
    if (data[cursor.at] === OPEN.object) readMembers(cursor, (inner) => readParameter(cursor, inner, call));
    else skipValue(cursor);
  } else skipValue(cursor);
}

function readParameter(cursor: Cursor, key: Text, call: Call): void {
  if (isWord(cursor.data, key, 'protocolversion')) call.hasVersion = true;
  if (!isWord(cursor.data, key, 'name') || cursor.data[cursor.at] !== QUOTE) {
    skipValue(cursor);
    return;
  }
  if (call.tool !== null) cursor.isBroken = true;
  call.tool = readText(cursor);
}

function addCall(cursor: Cursor, method: Text, { tool, hasVersion }: Call): void {
  const { found, data } = cursor;
  const isOnlyMcp = MCP_METHODS.some((name) => isPlain(data, method, name)) || begins(data, method, MCP_NOTIFICATION);
  const isMcp = cursor.isMcp || isOnlyMcp || (hasVersion && isPlain(data, method, 'initialize'));
  if (!isPlain(data, method, TOOL_CALL)) addOperation(found, (isMcp ? KIND.mcp : KIND.rpc) + wordOf(cursor, method));
  else addOperation(found, KIND.tool + (tool === null ? 0 : wordOf(cursor, tool)));
}

/** The number of a text; an escaped slash is a slash, a text with any other escape is no word. */
function wordOf({ data, found }: Cursor, text: Text): number {
  if (!text.hasEscape) return found.words.numberOf(data, text.from, text.to);
  const plain = unescaped(data, text);
  return plain === null ? 0 : found.words.numberOf(plain, 0, plain.length);
}

function unescaped(data: Uint8Array, { from, to }: Text): Uint8Array | null {
  const plain = new Uint8Array(to - from);
  let length = 0;
  for (let at = from; at < to; at++) {
    if (data[at] === BACKSLASH && data[++at] !== SLASH) return null;
    plain[length++] = u8(data, at);
  }
  return plain.subarray(0, length);
}

/** Whether the text, with escaped slashes as slashes, is `word`. */
function isPlain(data: Uint8Array, text: Text, word: string): boolean {
  const plain = text.hasEscape ? unescaped(data, text) : data.subarray(text.from, text.to);
  return plain !== null && plain.length === word.length && startsWith(plain, 0, plain.length, word);
}

function begins(data: Uint8Array, text: Text, word: string): boolean {
  const plain = text.hasEscape ? unescaped(data, text) : data.subarray(text.from, text.to);
  return plain !== null && startsWith(plain, 0, plain.length, word);
}

/** Whether the text is `word`, given in lower case, in any case. */
function isWord(data: Uint8Array, { from, to }: Text, word: string): boolean {
  if (to - from !== word.length) return false;
  for (let at = 0; at < word.length; at++) {
    const byte = u8(data, from + at);
    const lower = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
    if (lower !== word.charCodeAt(at)) return false;
  }
  return true;
}

/** Walks the members of the object at the cursor; `take` reads the value. A key with an escape could be any key. */
function readMembers(cursor: Cursor, take: (key: Text) => void): void {
  if (!takes(cursor, OPEN.object)) cursor.isBroken = true;
  for (let member = 0; member < MEMBERS_MAX && !cursor.isBroken; member++) {
    skipBlanks(cursor);
    if (takes(cursor, CLOSE.object)) return;
    if (member > 0 && !takes(cursor, COMMA)) break;
    skipBlanks(cursor);
    const key = readText(cursor);
    skipBlanks(cursor);
    if (key === null || key.hasEscape || !takes(cursor, COLON)) break;
    skipBlanks(cursor);
    take(key);
  }
  cursor.isBroken = true;
}

/** The text at the cursor, or null when none stands there or it does not end. */
function readText(cursor: Cursor): Text | null {
  const { data, to } = cursor;
  if (!takes(cursor, QUOTE)) return null;
  const text: Text = { from: cursor.at, to: cursor.at, hasEscape: false };
  for (; cursor.at < to; cursor.at++) {
    if (data[cursor.at] === QUOTE) {
      text.to = cursor.at++;
      return text;
    }
    if (data[cursor.at] !== BACKSLASH) continue;
    text.hasEscape = true;
    cursor.at++;
  }
  return null;
}

/** Passes over one value of any kind; numbers and words end before a comma or a bracket. */
function skipValue(cursor: Cursor): void {
  const { data, to } = cursor;
  let depth = 0;
  while (cursor.at < to && !cursor.isBroken) {
    const byte = u8(data, cursor.at);
    if (byte === QUOTE) {
      if (readText(cursor) === null) cursor.isBroken = true;
      if (depth === 0) return;
    } else if (byte === OPEN.object || byte === OPEN.array) {
      if (++depth > DEPTH_MAX) cursor.isBroken = true;
      cursor.at++;
    } else if (byte === CLOSE.object || byte === CLOSE.array) {
      if (depth === 0) return;
      cursor.at++;
      if (--depth === 0) return;
    } else if (byte === COMMA && depth === 0) return;
    else cursor.at++;
  }
}

function takes(cursor: Cursor, byte: number): boolean {
  if (cursor.at >= cursor.to || cursor.data[cursor.at] !== byte) return false;
  cursor.at++;
  return true;
}

function skipBlanks(cursor: Cursor): void {
  cursor.at = afterBlanks(cursor.data, cursor.at, cursor.to);
}

function afterBlanks(data: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && (data[at] === 0x20 || data[at] === 0x09 || data[at] === 0x0a || data[at] === 0x0d)) at++;
  return at;
}

/** Behind a byte order mark, which some parsers permit. */
function afterMark(data: Uint8Array, from: number, to: number): number {
  return startsWith(data, from, to, '\u00ef\u00bb\u00bf') ? from + 3 : from;
}
