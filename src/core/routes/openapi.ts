// The OpenAPI 3.1 document, made from the table: whatever the server does, the document says. Not a text by hand.

import type { Access } from './access.ts';
import { codesOf } from './codes.ts';
import type { ErrorKind } from './error-kinds.ts';
import { problem } from './problem.ts';
import type { Route, RouteTable } from './route.ts';
import { fieldSchemas, type JsonObject, SchemaBook } from './schemas.ts';
import { listOf, type NamedRoute } from './walk.ts';

export interface DocumentOptions {
  readonly table: RouteTable;
  readonly version: string;
}

const DESCRIPTION = [
  'Errors are problem+json (RFC 9457) with a stable `code`; `picket explain CODE` and `/v1/problems/{code}` say more.',
  'Lists are paged by `limit` and `cursor`. What has revisions answers with an `ETag` and is changed with `If-Match`.',
  'Requests with a cookie that change something carry `Origin` and `Picket-Request: 1`.',
  'Fields and routes may be added; none is taken away or changes its meaning within version 1.',
].join('\n');

export function openApiDocument({ table, version }: DocumentOptions): JsonObject {
  const book = new SchemaBook();
  const paths = new Map<string, Record<string, JsonObject>>();
  for (const named of listOf(table)) {
    const methods = paths.get(named.route.path) ?? {};
    methods[named.route.method.toLowerCase()] = operation(named, book);
    paths.set(named.route.path, methods);
  }
  book.add(problem);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Picket controller',
      version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: Object.keys(table).map((name) => ({ name })),
    paths: Object.fromEntries(paths),
    components: { schemas: book.schemas(), securitySchemes: SECURITY },
  };
}

const SECURITY = {
  session: { type: 'apiKey', in: 'cookie', name: '__Host-picket', description: 'session of a person in a browser' },
  token: { type: 'http', scheme: 'bearer', description: 'API token, or session of a person on the command line' },
  agent: { type: 'mutualTLS', description: 'certificate of an agent' },
};

function operation({ id, area, route }: NamedRoute, book: SchemaBook): JsonObject {
  const isWithBody = route.bodyExample !== undefined;
  return {
    operationId: id,
    tags: [area],
    summary: route.summary,
    ...(route.detail === null ? {} : { description: route.detail }),
    'x-picket-access': accessObject(route.access),
    security: securityOf(route.access),
    parameters: parametersOf(route, book),
    ...(isWithBody ? { requestBody: requestBody(route, book) } : {}),
    responses: { [route.answer.status]: success(route, book), ...failures(route) },
  };
}

function accessObject(access: Access): JsonObject {
  if (access.kind === 'role')
    return { kind: access.kind, role: access.role, scope: access.scope, fresh: access.isFresh === true };
  if (access.kind === 'self') return { kind: access.kind, fresh: access.isFresh === true };
  return { kind: access.kind };
}

function securityOf(access: Access): readonly JsonObject[] {
  switch (access.kind) {
    case 'open':
      return [];
    case 'agent':
      return [{ agent: [] }];
    case 'role':
      return [{ session: [access.role] }, { token: [access.scope] }];
    case 'logged-on':
    case 'self':
      return [{ session: [] }, { token: [] }];
  }
}

function parametersOf(route: Route, book: SchemaBook): readonly JsonObject[] {
  const fields = [
    ...fieldSchemas(route.params, book).map((field) => ({ ...field, in: 'path' })),
    ...fieldSchemas(route.query, book).map((field) => ({ ...field, in: 'query' })),
  ];
  const headers = [
    ...(route.ifMatch === 'needed'
      ? [header('If-Match', true, 'ETag of the revision on top of which the change is made', '"r17"')]
      : []),
    ...(route.answer.kind === 'events'
      ? [header('Last-Event-ID', false, 'id of the last message that was received', '1764057600000-3')]
      : []),
  ];
  return [...fields, ...headers];
}

function header(name: string, required: boolean, description: string, example: string): JsonObject {
  return { name, in: 'header', required, description, schema: { type: 'string', examples: [example] } };
}

function requestBody(route: Route, book: SchemaBook): JsonObject {
  return {
    required: true,
    description: `at most ${route.bodyBytesMax} bytes`,
    content: {
      'application/json': { schema: book.add(route.body), examples: { usual: { value: route.bodyExample } } },
    },
  };
}

function success({ answer, ifMatch }: Route, book: SchemaBook): JsonObject {
  const headers = {
    'Picket-Trace': { description: 'names this request in the log', schema: { type: 'string' } },
    ...(ifMatch === 'needed'
      ? { ETag: { description: 'the revision after the change', schema: { type: 'string' } } }
      : {}),
  };
  switch (answer.kind) {
    case 'nothing':
      return { description: 'done', headers };
    case 'redirect':
      return { description: 'go on there', headers: { ...headers, Location: { schema: { type: 'string' } } } };
    case 'file':
      return {
        description: 'the content',
        headers,
        content: Object.fromEntries(answer.mediaTypes.map((type) => [type, {}])),
      };
    case 'json':
      return {
        description: 'the answer',
        headers,
        content: {
          'application/json': { schema: book.add(answer.schema), examples: { usual: { value: answer.example } } },
        },
      };
    case 'events':
      return {
        description:
          'server-sent events; the data of each message is a JSON list of items like "x-picket-item", its id the one to resume from',
        headers,
        content: { 'text/event-stream': { schema: { type: 'string' }, 'x-picket-item': book.add(answer.schema) } },
      };
  }
}

/** One response a status, with every code that it may carry. */
function failures(route: Route): JsonObject {
  const byStatus = new Map<number, (readonly [string, ErrorKind])[]>();
  for (const [code, kind] of codesOf(route))
    byStatus.set(kind.status, [...(byStatus.get(kind.status) ?? []), [code, kind]]);
  const sorted = [...byStatus].sort(([left], [right]) => left - right);
  return Object.fromEntries(sorted.map(([status, codes]) => [status, failure(codes)]));
}

function failure(codes: readonly (readonly [string, ErrorKind])[]): JsonObject {
  return {
    description: codes.map(([code, { title }]) => `${code}: ${title}`).join('\n'),
    'x-picket-codes': codes.map(([code]) => code),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}
