// Facts of a request before anybody is believed: addresses, headers, the certificate shown. Not who it is.

import { TLSSocket } from 'node:tls';
import type { HttpBindings } from '@hono/node-server';
import { Refusal, type RequestFacts } from '#routes';

/** Longer ones are cut: it is only shown in lists of sessions. */
const AGENT_CHARS_MAX = 200;
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Sent by our own pages and clients; a page of another origin cannot set it without being asked for, which is never granted (no CORS). */
export const REQUEST_HEADER = 'picket-request';

export interface FactsOptions {
  readonly headers: Headers;
  readonly incoming: HttpBindings['incoming'];
  readonly trustedProxies: readonly string[];
}

export function factsOf({ headers, incoming, trustedProxies }: FactsOptions): RequestFacts {
  const agent = headers.get('user-agent');
  return {
    authorization: headers.get('authorization'),
    cookie: headers.get('cookie'),
    origin: headers.get('origin'),
    userAgent: agent === null ? null : agent.slice(0, AGENT_CHARS_MAX),
    peerAddress: peerOf({ headers, incoming, trustedProxies }),
    certificate: certificateOf(incoming),
  };
}

/** The last entry of X-Forwarded-For is the only one that the trusted proxy itself wrote. */
function peerOf({ headers, incoming, trustedProxies }: FactsOptions): string {
  const address = (incoming.socket.remoteAddress ?? 'unknown').replace(/^::ffff:(?=\d+\.)/, '');
  if (!trustedProxies.includes(address)) return address;
  const last = (headers.get('x-forwarded-for') ?? '').split(',').at(-1)?.trim() ?? '';
  return /^[0-9a-f.:]{2,45}$/i.test(last) ? last.toLowerCase() : address;
}

function certificateOf({ socket }: HttpBindings['incoming']): Uint8Array | null {
  if (!(socket instanceof TLSSocket)) return null;
  const raw: unknown = socket.getPeerCertificate().raw;
  return raw instanceof Uint8Array ? raw : null;
}

export interface OriginQuestion {
  readonly method: string;
  readonly headers: Headers;
  readonly origins: readonly string[];
  readonly isByCookie: boolean;
}

/** A browser sends cookies on its own, so a change asked with one has to prove that a page of ours asks. */
export function refuseOtherOrigins({ method, headers, origins, isByCookie }: OriginQuestion): void {
  if (SAFE_METHODS.has(method)) return;
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  if (origin !== null && !origins.includes(origin)) throw otherSite('its origin is not one of this controller');
  if (site !== null && site !== 'same-origin' && site !== 'none')
    throw otherSite('the browser says that another site asks');
  if (!isByCookie) return;
  if (origin === null) throw otherSite('it has a cookie, but no header Origin');
  if (headers.get(REQUEST_HEADER) !== '1') throw otherSite('it has a cookie, but no header Picket-Request: 1');
}

function otherSite(found: string): Refusal {
  return new Refusal({ code: 'PICKET-C418', message: `cannot take the request: ${found}; nothing was changed` });
}
