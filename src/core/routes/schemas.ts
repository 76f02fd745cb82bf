// zod schemas as JSON Schema 2020-12 in one document: schemas with an id are told once and referred to. Not the document around them.

import * as z from 'zod';

export interface JsonObject {
  readonly [key: string]: unknown;
}

/** Schemas of a document, by their ids. */
export class SchemaBook {
  readonly #named = new Map<string, unknown>();

  /** The schema as it is on the wire, before anything is read from it; one with an id is a reference to it. */
  add(schema: z.ZodType): JsonObject {
    const made = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input', reused: 'inline' });
    const { $schema: _, $defs: defs = {}, ...own } = made;
    for (const [id, one] of Object.entries(defs)) this.#named.set(id, referring(one));
    return objectOf(referring(own));
  }

  schemas(): JsonObject {
    return Object.fromEntries([...this.#named].sort(([left], [right]) => (left < right ? -1 : 1)));
  }
}

/** Fields of a path or query as parameters, without where they stand. */
export function fieldSchemas(fields: z.ZodObject, book: SchemaBook): readonly JsonObject[] {
  const made = book.add(fields);
  const required = Array.isArray(made.required) ? made.required : [];
  return Object.entries(objectOf(made.properties)).map(([name, schema]) => {
    const { description, ...rest } = objectOf(schema);
    return {
      name,
      required: required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

/** `#/$defs/X` of one schema is `#/components/schemas/X` of the document. */
function referring(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(referring);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) =>
      key === '$ref' && typeof one === 'string'
        ? [key, one.replace('#/$defs/', '#/components/schemas/')]
        : [key, referring(one)],
    ),
  );
}

function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
