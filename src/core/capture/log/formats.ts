// Every format of logs and flow exports that is read, one line each. A new format is a new file and a new line here.

import type { LogFormat } from './reader.ts';
import { isZeekLog, ZeekReader } from './zeek/reader.ts';

export const LOG_FORMATS: readonly LogFormat[] = [
  { format: 'Zeek log', matches: isZeekLog, open: (options) => new ZeekReader(options) },
];

/** The format of a log that begins with these bytes, or null. */
export function detectLog(head: Uint8Array): LogFormat | null {
  return LOG_FORMATS.find((format) => format.matches(head)) ?? null;
}
