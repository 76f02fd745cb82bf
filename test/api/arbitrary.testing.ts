// Values from the JSON Schemas of the OpenAPI document: valid ones, nearly valid ones, hostile ones. Not requests.

import fc from 'fast-check';

export type Schema = Readonly<Record<string, unknown>>;

/** Depth of schemas that refer to each other. */
const DEPTH_MAX = 6;
const LIST_MAX = 4;
const TEXT_MAX = 40;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Values that fit a schema, as far as the schema can say. */
export class Values {
  readonly #schemas: Readonly<Record<string, unknown>>;
  /** Made once for each schema: making one from a pattern takes longer than asking a controller. */
  readonly #made = new WeakMap<object, fc.Arbitrary<unknown>>();

  constructor(schemas: Readonly<Record<string, unknown>>) {
    this.#schemas = schemas;
  }

  of(schema: unknown, depth = 0): fc.Arbitrary<unknown> {
    if (!isObject(schema) || depth > DEPTH_MAX) return fc.constant(null);
    const known = this.#made.get(schema);
    if (known !== undefined) return known;
    const made = this.#make(schema, depth);
    this.#made.set(schema, made);
    return made;
  }

  #make(schema: Schema, depth: number): fc.Arbitrary<unknown> {
    if (typeof schema.$ref === 'string') return this.of(this.#schemas[schema.$ref.split('/').at(-1) ?? ''], depth + 1);
    if ('const' in schema) return fc.constant(schema.const);
    if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
    const either = [...listOf(schema.anyOf), ...listOf(schema.oneOf)];
    if (either.length > 0) return fc.oneof(...either.map((one) => this.of(one, depth + 1)));
    return withExamples(schema, this.#typed(schema, depth));
  }

  #typed(schema: Schema, depth: number): fc.Arbitrary<unknown> {
    switch (schema.type) {
      case 'string':
        return string(schema);
      case 'integer':
        return fc.integer({
          min: numberOf(schema.minimum, 0),
          max: Math.min(numberOf(schema.maximum, 1_000), 2 ** 31 - 1),
        });
      case 'number':
        return fc.double({ min: numberOf(schema.minimum, 0), max: numberOf(schema.maximum, 1_000), noNaN: true });
      case 'boolean':
        return fc.boolean();
      case 'array':
        return fc.array(this.of(schema.items, depth + 1), {
          minLength: numberOf(schema.minItems, 0),
          maxLength: Math.max(numberOf(schema.minItems, 0), Math.min(numberOf(schema.maxItems, LIST_MAX), LIST_MAX)),
        });
      case 'object':
        return this.#object(schema, depth);
      default:
        return fc.constant(null);
    }
  }

  #object(schema: Schema, depth: number): fc.Arbitrary<unknown> {
    const properties = isObject(schema.properties) ? schema.properties : {};
    const fields = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, this.of(one, depth + 1)]));
    const requiredKeys = listOf(schema.required).flatMap((name) => (typeof name === 'string' ? [name] : []));
    const fixed = fc.record(fields, { requiredKeys });
    if (!isObject(schema.additionalProperties)) return fixed;
    const keys = isObject(schema.propertyNames)
      ? this.of(schema.propertyNames, depth + 1)
      : fc.string({ minLength: 1, maxLength: 10 });
    return fc.dictionary(keys.map(String), this.of(schema.additionalProperties, depth + 1), { maxKeys: LIST_MAX });
  }
}

/** Half of the time what the schema itself gives as an example: only that leads into the depths of a handler. */
function withExamples(schema: Schema, values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const examples = listOf(schema.examples);
  return examples.length === 0 ? values : fc.oneof(fc.constantFrom(...examples), values);
}

function string(schema: Schema): fc.Arbitrary<string> {
  if (schema.format === 'date-time')
    return fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((at) => at.toISOString());
  const most = numberOf(schema.maxLength, TEXT_MAX);
  const pattern = textOf(schema.pattern, '');
  const bounds = { minLength: Math.min(numberOf(schema.minLength, 0), most), maxLength: Math.min(most, TEXT_MAX) };
  if (pattern === '') return fc.oneof(fc.string(bounds), fc.string({ ...bounds, unit: 'binary' }));
  return fc.stringMatching(new RegExp(pattern), { size: 'small' }).map((text) => text.slice(0, most));
}

/** What programs choke on. */
export const HOSTILE_TEXTS: readonly string[] = [
  '',
  '\0',
  '../../etc/passwd',
  "' OR 1=1 --",
  '"; DROP TABLE domains; --',
  '<script>alert(1)</script>',
  '$' + '{7*7}',
  '{{7*7}}',
  '%s%n%x',
  '\u202Eevil',
  '\ud800',
  '\u001b[2J',
  'constructor',
  '__proto__',
  'toString',
  '-1',
  '1e999',
  'NaN',
  'x'.repeat(70_000),
];

const HOSTILE_VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  [],
  {},
  [[[[]]]],
  { constructor: { prototype: {} } },
  ...HOSTILE_TEXTS,
];

export const hostileText = fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: 'binary', maxLength: 60 }));
export const hostileValue = fc.oneof(
  fc.constantFrom(...HOSTILE_VALUES),
  fc.json({ maxDepth: 4 }).map((text): unknown => JSON.parse(text)),
);

/** A value with one thing about it that is not as needed. */
export function nearly(value: unknown): fc.Arbitrary<unknown> {
  if (Array.isArray(value))
    return fc.oneof(hostileValue, fc.constant(Array.from({ length: 2_000 }, () => value[0] ?? null)));
  if (!isObject(value)) return hostileValue;
  const names = Object.keys(value);
  const added = hostileText.map((name) => ({ ...value, [name]: 1 }));
  if (names.length === 0) return fc.oneof(added, hostileValue);
  const without = fc
    .constantFrom(...names)
    .map((name) => Object.fromEntries(Object.entries(value).filter(([one]) => one !== name)));
  const changed = fc
    .constantFrom(...names)
    .chain((name) => nearly(value[name]).map((one) => ({ ...value, [name]: one })));
  return fc.oneof(without, changed, changed, added);
}
