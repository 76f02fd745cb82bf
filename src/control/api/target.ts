// What a request must look like before the API reads it: one Host that is served, a plain target, no header that could be read in two ways. Not what it asks.

import type { IncomingMessage } from 'node:http';
import { Refusal } from '#routes';

export const TARGET_CHARS_MAX = 4_096;
/** Lines of a header; browsers send some twenty. */
export const HEADER_LINES_MAX = 64;
/** RFC 3986, without what a client never sends raw. */
const TARGET = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*(?:\?[A-Za-z0-9\-._~!$&'()*+,;=:@%/?[\]]*)?$/;
/** Escapes that hide a slash, a backslash, a dot, a percent sign or a control character: what they mean differs from program to program. */
const HIDDEN = /%(?![0-9A-Fa-f]{2})|%(?:2[fFeE5]|5[cC]|[01][0-9A-Fa-f]|7[fF])/;
const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})|%00/;
const OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override'];
/** May stand once: programs differ in which of two they believe. */
const ONCE: ReadonlySet<string> = new Set([
  'authorization',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'if-match',
  'if-none-match',
  'last-event-id',
  'origin',
  'picket-request',
  'sec-fetch-site',
  'transfer-encoding',
]);

/** null where the request may go on. `hosts` are names without port, lower case. */
export function refusedRequest(incoming: IncomingMessage, hosts: ReadonlySet<string>): Refusal | null {
  return refusedHeaders(incoming) ?? refusedHost(incoming, hosts) ?? refusedTarget(incoming);
}

function refusedHeaders({ rawHeaders, headers, method }: IncomingMessage): Refusal | null {
  if (rawHeaders.length / 2 > HEADER_LINES_MAX)
    return refusal('PICKET-C431', `the header has more than ${HEADER_LINES_MAX} lines`);
  const seen = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    if (ONCE.has(name) && seen.has(name)) return refusal('PICKET-C400', `the header ${name} stands twice`);
    seen.add(name);
  }
  if (OVERRIDES.some((name) => seen.has(name))) return refusal('PICKET-C424', 'a header asks for another method');
  const hasLength = headers['content-length'] !== undefined;
  const hasCoding = headers['transfer-encoding'] !== undefined;
  if (hasLength && hasCoding) return refusal('PICKET-C400', 'it has a length and a transfer coding');
  if (hasCoding && headers['transfer-encoding']?.toLowerCase() !== 'chunked')
    return refusal('PICKET-C400', 'its transfer coding is not "chunked"');
  if (headers.upgrade !== undefined && method !== 'GET') return refusal('PICKET-C400', 'it asks for another protocol');
  return null;
}

function refusedHost({ headers }: IncomingMessage, hosts: ReadonlySet<string>): Refusal | null {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/.exec((headers.host ?? '').toLowerCase());
  const name = match?.[1];
  if (name !== undefined && hosts.has(name)) return null;
  return refusal('PICKET-C417', 'the header Host names none of the names of this controller');
}

function refusedTarget({ url = '' }: IncomingMessage): Refusal | null {
  if (url.length > TARGET_CHARS_MAX)
    return refusal('PICKET-C414', `the address has more than ${TARGET_CHARS_MAX} characters`);
  const [path = '', query = ''] = [url.split('?', 1)[0], url.slice(url.indexOf('?') + 1)];
  const isDotted = /\/\.{1,2}(?:\/|$)/.test(path);
  if (!TARGET.test(url) || HIDDEN.test(path) || isDotted || (url.includes('?') && BROKEN_ESCAPE.test(query)))
    return refusal('PICKET-C400', 'the address is not a plain path and query');
  return null;
}

function refusal(code: string, found: string): Refusal {
  return new Refusal({ code, message: `cannot take the request: ${found}; nothing was changed` });
}
