// Answers as HTTP responses: JSON, problems, files, redirects, with the headers that every answer carries. Not streams of events, nor what is answered.

import { type ApiProblem, type ErrorKind, type ProblemDetail, Refusal, type Reply } from '#routes';

/** Answers are for programs: nothing in them runs, is framed, sniffed or kept by a proxy. */
export const COMMON_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
});

/** What a page of ours may do: its own scripts and styles, its own API, nothing else. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function jsonResponse(status: number, reply: Reply<unknown>): Response {
  return new Response(JSON.stringify(reply.value), { status, headers: headersOf(reply, 'application/json') });
}

export function emptyResponse(status: number, reply: Reply<unknown>): Response {
  const headers = headersOf(reply, null);
  return new Response(null, { status, headers });
}

export function redirectResponse(location: string, reply: Reply<unknown>): Response {
  const headers = headersOf(reply, null);
  headers.set('location', location);
  return new Response(null, { status: 303, headers });
}

export function headersOf(reply: Omit<Reply<unknown>, 'value'>, mediaType: string | null): Headers {
  const headers = new Headers(COMMON_HEADERS);
  if (mediaType !== null) headers.set('content-type', mediaType);
  if (reply.etag !== undefined) {
    headers.set('etag', `"${reply.etag}"`);
    headers.set('cache-control', 'private, no-cache');
  }
  for (const cookie of reply.cookies ?? []) headers.append('set-cookie', cookie);
  return headers;
}

/** An error that carries a code, whatever room it is from. */
export interface CodedError {
  readonly code: string;
  readonly message: string;
  readonly help: string | null;
  readonly where: string | null;
  readonly details: readonly ProblemDetail[];
  readonly retryAfterSeconds: number | null;
}

export function codedError(error: unknown): CodedError | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  const { code } = error;
  if (typeof code !== 'string' || !/^PICKET-C\d{3}$/.test(code)) return null;
  if (error instanceof Refusal) return error;
  const help = 'help' in error && typeof error.help === 'string' ? error.help : null;
  return { code, message: error.message, help, where: null, details: [], retryAfterSeconds: null };
}

export interface ProblemOptions {
  readonly error: CodedError;
  readonly kind: ErrorKind;
  readonly trace: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function problemOf({ error, kind, trace }: ProblemOptions): ApiProblem {
  return {
    type: `/v1/problems/${error.code}`,
    title: kind.title,
    status: kind.status,
    detail: error.message,
    code: error.code,
    hint: error.help,
    where: error.where,
    trace,
    problems: [...error.details],
  };
}

export function problemResponse(options: ProblemOptions): Response {
  const { error, kind } = options;
  const headers = new Headers({ ...COMMON_HEADERS, ...options.headers, 'content-type': 'application/problem+json' });
  const retryAfter = error.retryAfterSeconds;
  if (retryAfter !== null) headers.set('retry-after', String(Math.ceil(retryAfter)));
  if (kind.status === 401) headers.set('www-authenticate', 'Bearer');
  return new Response(JSON.stringify(problemOf(options)), { status: kind.status, headers });
}
