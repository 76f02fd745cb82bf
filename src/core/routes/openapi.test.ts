// The table itself and its document: every route whole, every example what its schema takes, every schema one that can be read again. Not the server.

import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { targetOf } from './client.ts';
import { codesOf } from './codes.ts';
import { openApiDocument } from './openapi.ts';
import type { Route } from './route.ts';
import { NO_FIELDS } from './route.ts';
import { routes } from './table.ts';
import { listOf, paramsOfPath } from './walk.ts';

const LIST = listOf(routes);
const CASES = LIST.map(({ id, route }): [string, Route] => [id, route]);

/** RFC 6749, 4.1.2: a client ignores what it does not know of the answer of an identity provider. */
const TAKES_MORE = 'logon.oidcReturn';

/** Copies what JSON keeps, as a client would send it. */
function overTheWire(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('route table', () => {
  test('gives each method and path to one route', () => {
    const seen = LIST.map(({ route }) => `${route.method} ${route.path.replace(/\{\w+\}/g, '{}')}`);
    expect(seen.filter((one, at) => seen.indexOf(one) !== at)).toEqual([]);
  });

  test.each(CASES)('%s: its path names its params', (_, route) => {
    expect(Object.keys(route.params.shape).sort()).toEqual([...paramsOfPath(route.path)].sort());
    expect(route.path).toMatch(/^\/(?:v1\/|metrics$)(?:[a-z0-9.-]+|\{\w+\})?(?:\/(?:[a-z0-9.-]+|\{\w+\}))*$/);
  });

  test.each(CASES)('%s: refuses fields that it does not know', (id, route) => {
    for (const schema of id === TAKES_MORE ? [route.params] : [route.params, route.query]) {
      expect(schema.safeParse({ ...examplesOf(schema), 'not-known': '1' }).success).toBe(false);
    }
  });

  test.each(CASES)('%s: every param has an example that it takes', (_, route) => {
    const params = examplesOf(route.params);
    expect(route.params.safeParse(params)).toMatchObject({ success: true });
    expect(targetOf(route, { params })).not.toMatch(/[{}]|undefined/);
  });

  test.each(CASES)('%s: a body has an example, and what it takes is bounded', (_, route) => {
    const hasBody = !(route.body instanceof z.ZodUndefined);
    expect(route.bodyExample !== undefined).toBe(hasBody);
    if (hasBody) expect(route.body.safeParse(overTheWire(route.bodyExample))).toMatchObject({ success: true });
    expect(hasBody && route.method === 'GET').toBe(false);
  });

  test.each(CASES)('%s: every text and list that it takes is bounded', (_, route) => {
    const schemas = [route.params, route.query, ...(route.bodyExample === undefined ? [] : [route.body])];
    expect(schemas.flatMap((schema) => unbounded(z.toJSONSchema(schema, { io: 'input' }), ''))).toEqual([]);
  });

  test.each(CASES)('%s: its answer takes its example', (_, { answer }) => {
    if (answer.kind !== 'json' && answer.kind !== 'events') return;
    expect(answer.schema.safeParse(overTheWire(answer.example))).toMatchObject({ success: true });
  });

  test.each(CASES)('%s: its own codes are like all others', (_, route) => {
    for (const [code, kind] of codesOf(route)) {
      expect(code).toMatch(/^PICKET-C\d{3}$/);
      expect(kind.status).toBeGreaterThanOrEqual(400);
      expect(kind.title).toMatch(/^[^.]+$/);
      expect(kind.page.length).toBeGreaterThan(0);
    }
  });

  test.each(CASES)('%s: one summary line that begins with a verb', (_, route) => {
    expect(route.summary).toMatch(/^[A-Z][a-z]+s .{3,100}[^.]$/);
  });
});

describe('openApiDocument()', () => {
  const document = openApiDocument({ table: routes, version: '0.1.0' });

  test('holds every route with its errors', () => {
    const text = JSON.stringify(document);
    for (const { id, route } of LIST) {
      expect(text).toContain(`"operationId":"${id}"`);
      for (const code of codesOf(route).keys()) expect(text).toContain(code);
    }
  });

  test('refers only to what it holds', () => {
    const schemas = z.object({ components: z.object({ schemas: z.record(z.string(), z.unknown()) }) }).parse(document);
    const names = Object.keys(schemas.components.schemas);
    for (const [, name = ''] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      expect(names).toContain(name);
    }
    expect(JSON.stringify(document)).not.toContain('#/$defs/');
    for (const [name, schema] of Object.entries(schemas.components.schemas))
      expect([name, schema]).not.toEqual([name, { $ref: expect.anything() }]);
  });

  test.each(CASES.filter(([, route]) => route.bodyExample !== undefined))(
    '%s: its schema is read again and takes the example',
    (_, route) => {
      const schema = z.fromJSONSchema(z.toJSONSchema(route.body, { io: 'input' }));
      expect(schema.safeParse(overTheWire(route.bodyExample))).toMatchObject({ success: true });
    },
  );
});

/** The first example of each field that has one. */
function examplesOf(schema: z.ZodObject): Record<string, unknown> {
  if (schema === NO_FIELDS) return {};
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, one]) =>
      typeof one === 'object' && one.examples !== undefined ? [[name, one.examples[0]]] : [],
    ),
  );
}

/** Places of texts without `maxLength` and lists without `maxItems`. */
function unbounded(schema: unknown, at: string): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const isText = 'type' in schema && schema.type === 'string' && !('enum' in schema) && !('const' in schema);
  const isList = 'type' in schema && schema.type === 'array';
  const isOpen = (isText && !('maxLength' in schema)) || (isList && !('maxItems' in schema));
  const deeper = Object.entries(schema).flatMap(([key, one]) => unbounded(one, `${at}/${key}`));
  return isOpen ? [at, ...deeper] : deeper;
}
