// Params, query and body against the schemas of a route: the one place where outside data becomes typed. Not reading bytes.

import * as z from 'zod';
import { DETAILS_MAX, type ProblemDetail, Refusal } from '#routes';

/** Query names a request may have. */
const QUERY_NAMES_MAX = 32;

/** Each name once: what a second one means differs from program to program. */
export function queryFields(query: URLSearchParams): Readonly<Record<string, string>> {
  const fields = new Map<string, string>();
  for (const [name, value] of query) {
    if (fields.has(name) || fields.size >= QUERY_NAMES_MAX) {
      const message = `cannot read the query: ${fields.has(name) ? 'a name stands twice' : `more than ${QUERY_NAMES_MAX} names`}; nothing was changed`;
      throw new Refusal({ code: 'PICKET-C400', message, where: 'query' });
    }
    fields.set(name, value);
  }
  // Made like this `__proto__` is an ordinary field, which no schema knows.
  return Object.fromEntries(fields);
}

export function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  part: 'path' | 'query' | 'body',
): z.output<Schema> {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.slice(0, DETAILS_MAX).map((issue) => detailOf(issue, part));
  const [first] = details;
  throw new Refusal({
    code: part === 'path' ? 'PICKET-C420' : 'PICKET-C422',
    message: `cannot use the ${part}: ${first?.where ?? part}: ${first?.message ?? 'not as needed'}; nothing was changed`,
    where: first?.where ?? part,
    details,
  });
}

function detailOf(issue: z.core.$ZodIssue, part: string): ProblemDetail {
  return {
    code: part === 'path' ? 'PICKET-C420' : 'PICKET-C422',
    message: messageOf(issue),
    where: [part, ...issue.path.map((key) => String(key).slice(0, 80))].join('.'),
    help: null,
  };
}

/** zod's words in the house's form. They name what was needed and the kind of what was found, never a value: it may be a secret. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.slice(0, 5).map((key) => JSON.stringify(key.slice(0, 80)));
    return `there is no field ${names.join(', ')}`;
  }
  if (issue.code === 'invalid_union') return 'none of the forms that are known here';
  const message = issue.message.replace(/^Invalid input: /, '').slice(0, 300);
  return message.charAt(0).toLowerCase() + message.slice(1);
}
