// Server-sent events as text: messages written and read (WHATWG HTML, 9.2). Not the connection, nor when messages are sent.

import * as z from 'zod';

/** A client's line is far shorter; a longer one is no stream of this API. */
const MESSAGE_CHARS_MAX = 16 * 1_024 * 1_024;
const ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** What one message carries. */
export interface EventBatch<Item> {
  /** Id of the last item: send it as `Last-Event-ID` to go on after it. */
  readonly id: string;
  readonly items: readonly Item[];
}

export function isEventId(text: string): boolean {
  return ID.test(text);
}

/** One message of items that are JSON already, which has no line breaks of its own: one data line is enough. INVARIANT: `isEventId(id)`. */
export function eventText(id: string, items: readonly string[]): string {
  return `id: ${id}\ndata: [${items.join()}]\n\n`;
}

/** Keeps proxies from closing a quiet stream, and finds a client that is gone. */
export const HEARTBEAT_TEXT = ':\n\n';

/** Messages of a stream, until it ends or breaks off, or sends something else than `schema` describes. */
export async function* eventBatches<Schema extends z.ZodType>(
  body: AsyncIterable<Uint8Array>,
  schema: Schema,
): AsyncGenerator<EventBatch<z.output<Schema>>> {
  const items = z.array(schema);
  for await (const { id, data } of messages(body)) {
    const parsed = items.safeParse(jsonOf(data));
    if (!parsed.success) return;
    yield { id, items: parsed.data };
  }
}

async function* messages(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly id: string; readonly data: string }> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const whole = rest.split('\n\n');
    rest = whole.pop() ?? '';
    if (rest.length > MESSAGE_CHARS_MAX) return;
    for (const text of whole) {
      const data = fieldOf(text, 'data');
      if (data !== null) yield { id: fieldOf(text, 'id') ?? '', data };
    }
  }
}

function fieldOf(message: string, name: string): string | null {
  const line = message.split('\n').find((one) => one.startsWith(`${name}:`));
  return line === undefined ? null : line.slice(name.length + 1).trimStart();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
