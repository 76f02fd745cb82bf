// Messages as bytes and back. A reader takes nothing that is too long, no JSON, or of another shape, and says why in one line. Never throws.

import type * as z from 'zod';
import { DOWN_BYTES_MAX, UP_BYTES_MAX } from './bounds.ts';
import { type Down, downSchema, type Up, upSchema, VERSIONS } from './messages.ts';

export type Decoded<Message> = { readonly message: Message } | { readonly trouble: string };

export function encode(message: Up | Down): string {
  return JSON.stringify(message);
}

/** `text`: one WebSocket text message, already bounded by the transport; the bound here is in characters. */
export function decodeUp(text: string): Decoded<Up> {
  return decode(text, UP_BYTES_MAX, upSchema);
}

export function decodeDown(text: string): Decoded<Down> {
  return decode(text, DOWN_BYTES_MAX, downSchema);
}

function decode<Message>(text: string, max: number, schema: z.ZodType<Message>): Decoded<Message> {
  if (text.length > max) return { trouble: `a message of ${text.length} characters is longer than ${max}` };
  const value = parsed(text);
  if (value === undefined) return { trouble: 'a message is not JSON' };
  const result = schema.safeParse(value);
  if (result.success) return { message: result.data };
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'the message' : issue.path.slice(0, 6).join('.');
  return { trouble: `${where.slice(0, WHERE_CHARS_MAX)}: ${(issue?.message ?? 'unknown').slice(0, WHERE_CHARS_MAX)}` };
}

/** A path and a sentence, not a page. */
const WHERE_CHARS_MAX = 120;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The newest version that both speak, or null. */
export function negotiate(offered: readonly number[], spoken: readonly number[] = VERSIONS): number | null {
  return Math.max(0, ...spoken.filter((version) => offered.includes(version))) || null;
}
