// Requests to one identity provider: only to the origins that are allowed for it, over verified TLS, never redirected, bounded in size and time. A document of the provider cannot send this controller elsewhere.

import { request as plainRequest } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import type { CustomFetch } from 'openid-client';

/** Discovery documents and key sets have some kilobytes. */
const ANSWER_BYTES_MAX = 1_024 * 1_024;
const IDLE_MS = 10_000;

export interface IssuerFetchOptions {
  readonly origins: readonly string[];
  readonly authority: string | null;
  readonly mayBePlain: boolean;
}

export function issuerFetch(allowed: IssuerFetchOptions): CustomFetch {
  const origins = new Set(allowed.origins.map((one) => new URL(one).origin));
  return async (address, { method, headers, body, signal }) => {
    const url = new URL(address);
    if (!origins.has(url.origin)) throw new TypeError(`an address of the provider is not allowed: ${url.origin}`);
    if (url.protocol !== 'https:' && !allowed.mayBePlain) throw new TypeError('the provider is not reached over TLS');
    if (body !== null && body !== undefined && typeof body !== 'string' && !(body instanceof URLSearchParams))
      throw new TypeError('a body of this kind is not sent to a provider');
    return sent(url, {
      body: body === null || body === undefined ? '' : String(body),
      options: {
        method,
        headers,
        agent: false,
        ...(signal === undefined ? {} : { signal }),
        ...(allowed.authority === null ? {} : { ca: [allowed.authority] }),
      },
    });
  };
}

function sent(
  url: URL,
  { body, options }: { readonly body: string; readonly options: RequestOptions },
): Promise<Response> {
  const ask = url.protocol === 'https:' ? request : plainRequest;
  return new Promise((resolve, reject) => {
    const asked = ask(url, options, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > ANSWER_BYTES_MAX) asked.destroy(new Error('the answer of the provider is too large'));
        else chunks.push(chunk);
      });
      answer.on('error', reject);
      answer.on('end', () => {
        const status = answer.statusCode ?? 0;
        const hasBody = status >= 200 && status !== 204 && status !== 304;
        const headers = new Headers();
        for (const [name, value] of Object.entries(answer.headers))
          for (const one of Array.isArray(value) ? value : value === undefined ? [] : [value])
            headers.append(name, one);
        resolve(new Response(hasBody ? Buffer.concat(chunks) : null, { status: hasBody ? status : 200, headers }));
      });
    });
    asked.setTimeout(IDLE_MS, () => asked.destroy(new Error('the provider does not answer')));
    asked.on('error', reject);
    asked.end(body);
  });
}
