// Requests from an OpenAPI document, operation by operation, and the judgement of their answers by the same document. Not how they are sent.

import fc from 'fast-check';
import * as z from 'zod';
import { problem } from '#routes';
import { hostileText, hostileValue, isObject, nearly, type Schema, Values } from './arbitrary.testing.ts';

const parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean(),
  schema: z.record(z.string(), z.unknown()),
});
const content = z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()).optional() }));
const operation = z.object({
  operationId: z.string(),
  parameters: z.array(parameter),
  requestBody: z
    .object({
      content: z.record(
        z.string(),
        z.object({
          schema: z.record(z.string(), z.unknown()),
          examples: z.object({ usual: z.object({ value: z.unknown() }) }),
        }),
      ),
    })
    .optional(),
  responses: z.record(
    z.string(),
    z.object({ 'x-picket-codes': z.array(z.string()).optional(), content: content.optional() }),
  ),
});
const openApi = z.object({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});

export interface Operation extends z.output<typeof operation> {
  readonly method: string;
  readonly path: string;
}

export interface Document {
  readonly operations: readonly Operation[];
  readonly schemas: Readonly<Record<string, unknown>>;
}

export function readDocument(text: string): Document {
  const { paths, components } = openApi.parse(JSON.parse(text));
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({ ...one, method: method.toUpperCase(), path })),
  );
  return { operations, schemas: components.schemas };
}

export interface Generated {
  readonly kind: 'valid' | 'nearly' | 'hostile';
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface GenerateOptions {
  readonly document: Document;
  readonly operation: Operation;
  /** Values that lead to something that is there, by the names of parameters. */
  readonly known: Readonly<Record<string, string>>;
}

/** A request for an operation. The third kind of each part is chosen by itself, so that one bad part meets good ones. */
export function requests(options: GenerateOptions): fc.Arbitrary<Generated> {
  const values = new Values(options.document.schemas);
  const kinds = ['valid', 'nearly', 'hostile'] as const;
  return fc.oneof(...kinds.map((kind) => generated(options, values, kind)));
}

function generated(
  { operation: asked, known }: GenerateOptions,
  values: Values,
  kind: Generated['kind'],
): fc.Arbitrary<Generated> {
  const parts = asked.parameters.map(({ name, schema }) =>
    partOf({ values, kind, schema, known: known[name] ?? null }),
  );
  return fc.tuple(fc.tuple(...parts), bodyOf(asked, values, kind)).map(([texts, body]) => {
    const named = new Map(asked.parameters.map((one, at) => [`${one.in} ${one.name}`, texts[at] ?? null]));
    const path = asked.path.replace(/\{(\w+)\}/g, (_, name: string) => escaped(named.get(`path ${name}`) ?? ''));
    const query = asked.parameters.flatMap((one) => {
      const text = named.get(`query ${one.name}`) ?? null;
      return one.in === 'query' && text !== null ? [`${one.name}=${escaped(text)}`] : [];
    });
    const headers = asked.parameters.flatMap((one) => {
      const text = named.get(`header ${one.name}`) ?? null;
      return one.in === 'header' && text !== null ? [[one.name.toLowerCase(), printable(text)] as const] : [];
    });
    return {
      kind,
      method: asked.method,
      target: query.length === 0 ? path : `${path}?${query.join('&')}`,
      headers: { ...Object.fromEntries(headers), ...(body === null ? {} : { 'content-type': 'application/json' }) },
      body,
    };
  });
}

interface Part {
  readonly values: Values;
  readonly kind: Generated['kind'];
  readonly schema: Schema;
  readonly known: string | null;
}

/** null: left out. A path has no holes, so that ends up empty. */
function partOf({ values, kind, schema, known }: Part): fc.Arbitrary<string | null> {
  const fitting = values.of(schema).map(String);
  const good =
    known === null
      ? fitting
      : fc.oneof({ weight: 3, arbitrary: fc.constant(known) }, { weight: 1, arbitrary: fitting });
  if (kind === 'valid') return fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: fitting });
  const odd = fc.oneof(hostileText, fc.constant(null));
  return fc.oneof({ weight: kind === 'nearly' ? 5 : 2, arbitrary: good }, { weight: 1, arbitrary: odd });
}

function bodyOf({ requestBody }: Operation, values: Values, kind: Generated['kind']): fc.Arbitrary<string | null> {
  const json = requestBody?.content['application/json'];
  if (json === undefined)
    return kind === 'hostile' ? fc.oneof(fc.constant(null), fc.constant(null), fc.constant('{}')) : fc.constant(null);
  const example = json.examples.usual.value;
  const valid = fc.oneof(
    fc.constant(example),
    values.of(json.schema),
    values.of(json.schema).map((value) => (isObject(value) && isObject(example) ? { ...example, ...value } : value)),
  );
  if (kind === 'valid') return valid.map(textOf);
  if (kind === 'nearly') return valid.chain(nearly).map(textOf);
  return fc.oneof(
    hostileValue.map(textOf),
    fc.string({ unit: 'binary', maxLength: 200 }),
    valid.chain(nearly).map(textOf),
    fc.constant('['.repeat(5_000)),
  );
}

function textOf(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

/** A lone surrogate has no UTF-8: its replacement is sent. */
function escaped(text: string): string {
  return encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8'));
}

/** What a client library lets through. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '').slice(0, 300);
}

export interface Answered {
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
}

/** Schemas of answers, each made once. */
export class Judge {
  readonly #document: Document;
  readonly #made = new Map<string, z.ZodType>();

  constructor(document: Document) {
    this.#document = document;
  }

  /** What is wrong with an answer by the document, or ''. */
  fault(asked: Operation, { status, mediaType, text }: Answered): string {
    const response = asked.responses[String(status)];
    if (response === undefined) return `the status ${status} is not in the document`;
    if (status >= 500) return `the status is ${status}`;
    const type = mediaType.split(';')[0] ?? '';
    if (status >= 400) return problemFault(response['x-picket-codes'] ?? [], type, text);
    const types = Object.keys(response.content ?? {});
    if (types.length === 0) return text === '' ? '' : 'a body where the document has none';
    if (!types.includes(type)) return `the type ${type} is not in the document`;
    const schema = type === 'application/json' ? response.content?.[type]?.schema : undefined;
    if (schema === undefined) return '';
    const parsed = this.#schemaOf(asked.operationId, schema).safeParse(JSON.parse(text));
    return parsed.success ? '' : `the answer does not fit its schema: ${z.prettifyError(parsed.error)}`;
  }

  #schemaOf(id: string, schema: Schema): z.ZodType {
    const known = this.#made.get(id);
    if (known !== undefined) return known;
    const made = z.fromJSONSchema(inlined(schema, this.#document.schemas, 0));
    this.#made.set(id, made);
    return made;
  }
}

/** References replaced by what they refer to: none of the API's schemas refers to itself. */
function inlined(schema: Schema, schemas: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> {
  if (depth > 30) throw new Error('a schema of the document refers to itself');
  const { $ref } = schema;
  const target = typeof $ref === 'string' ? schemas[$ref.split('/').at(-1) ?? ''] : schema;
  return Object.fromEntries(
    Object.entries(isObject(target) ? target : {}).map(([key, value]) => [
      key,
      inlinedValue(value, schemas, depth + 1),
    ]),
  );
}

function inlinedValue(value: unknown, schemas: Readonly<Record<string, unknown>>, depth: number): unknown {
  if (Array.isArray(value)) return value.map((one) => inlinedValue(one, schemas, depth));
  return isObject(value) ? inlined(value, schemas, depth) : value;
}

function problemFault(codes: readonly string[], type: string, text: string): string {
  if (type !== 'application/problem+json') return `a refusal of the type "${type}"`;
  const parsed = problem.safeParse(JSON.parse(text));
  if (!parsed.success) return `a refusal that is no problem: ${z.prettifyError(parsed.error)}`;
  return codes.includes(parsed.data.code) ? '' : `the code ${parsed.data.code} is not in the document`;
}
