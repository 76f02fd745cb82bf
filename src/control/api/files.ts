// Static files of the API's port: pages of the logon, the console. Served to anybody as they are. Not a file system.

import { createHash } from 'node:crypto';
import { headersOf, PAGE_POLICY } from './answers.ts';
import type { StaticFile } from './options.ts';

/** null where no file has this path, or the method is not one for files. */
export function fileFor(request: Request, path: string, files: ReadonlyMap<string, StaticFile>): Response | null {
  const found = files.get(path);
  if (found === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return null;
  const etag = createHash('sha256').update(found.content).digest('base64url');
  const headers = headersOf({ etag }, found.mediaType);
  headers.set('cache-control', 'no-cache');
  if (found.mediaType.startsWith('text/html')) headers.set('content-security-policy', PAGE_POLICY);
  if (request.headers.get('if-none-match') === `"${etag}"`) return new Response(null, { status: 304, headers });
  return new Response(found.content, { headers });
}
