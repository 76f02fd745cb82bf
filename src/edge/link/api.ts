// One request to a controller's API in the name of an element: to the controller that its root vouches for, or that this system's authorities do, and to
// nobody else. Not the API's client for people.

import { constants } from 'node:crypto';
import { request as httpsRequest } from 'node:https';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import type { Presented } from '#identity';
import { LinkError, reasonOf } from './trouble.ts';

const REQUEST_MS_MAX = 15_000;
/** A certificate, a bundle and some addresses take a tenth of it. */
const ANSWER_BYTES_MAX = 256 * 1_024;
const CHAIN_MAX = 4;

export interface ApiRequest {
  /** `https://host:port`. */
  readonly origin: string;
  readonly path: string;
  /** Null to read. */
  readonly body: object | null;
  /** Null where the peer is the controller; nothing was sent yet. */
  readonly judge: (presented: Presented) => LinkError | null;
}

/** What the controller answered, as JSON. Rejects with a `LinkError` that carries the controller's code where it refused. */
export async function ask(request: ApiRequest): Promise<unknown> {
  const socket = await secured(request);
  const { status, text } = await exchanged(request, socket);
  const value = parsed(text);
  if (status >= 200 && status < 300) return value;
  throw refusedWith(value, status);
}

function secured({ origin, judge }: ApiRequest): Promise<TLSSocket> {
  const { hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = connect({
    host,
    port: port === '' ? 443 : Number(port),
    ...(/^[0-9.]+$|:/.test(host) ? {} : { servername: host }),
    minVersion: 'TLSv1.3',
    secureOptions: constants.SSL_OP_NO_TICKET,
    // The peer is judged below, before anything is sent: by the domain's root, or by what this system trusts.
    rejectUnauthorized: false,
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error('nobody answered in time')), REQUEST_MS_MAX);
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(unreachable(origin, reasonOf(error)));
    });
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      const refusal = socket.authorized ? null : judge(presentedOf(socket));
      if (refusal === null) resolve(socket);
      else {
        socket.destroy();
        reject(refusal);
      }
    });
  });
}

export function presentedOf(socket: TLSSocket): Presented {
  const chain: Uint8Array[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw !== undefined && chain.length < CHAIN_MAX) {
    chain.push(certificate.raw);
    // A root names itself as its issuer.
    certificate = certificate.issuerCertificate === certificate ? undefined : certificate.issuerCertificate;
  }
  const [leaf = new Uint8Array(), ...others] = chain;
  return { leaf, others };
}

function exchanged({ origin, path, body }: ApiRequest, socket: TLSSocket): Promise<{ status: number; text: string }> {
  const text = body === null ? '' : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      socket.destroy();
      reject(unreachable(origin, reasonOf(error)));
    };
    const request = httpsRequest(
      new URL(path, origin),
      {
        method: body === null ? 'GET' : 'POST',
        // With an agent, also with none of its own, the connection that was judged would not be the one that is used.
        createConnection: () => socket,
        timeout: REQUEST_MS_MAX,
        headers: {
          ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          accept: 'application/json, application/problem+json',
        },
      },
      (response) => {
        const parts: Buffer[] = [];
        let length = 0;
        response.on('data', (part: Buffer) => {
          length += part.length;
          if (length > ANSWER_BYTES_MAX) fail(new Error('the answer is too long'));
          else parts.push(part);
        });
        response.on('error', fail);
        response.on('end', () => {
          socket.destroy();
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') });
        });
      },
    );
    request.on('timeout', () => fail(new Error('the answer did not come in time')));
    request.on('error', fail);
    request.end(text);
  });
}

function refusedWith(value: unknown, status: number): LinkError {
  const isProblem = typeof value === 'object' && value !== null && 'code' in value && 'detail' in value;
  if (
    isProblem &&
    typeof value.code === 'string' &&
    typeof value.detail === 'string' &&
    /^PICKET-[A-Z]\d{3}$/.test(value.code)
  ) {
    const hint = 'hint' in value && typeof value.hint === 'string' ? value.hint : null;
    return new LinkError({
      code: value.code,
      message: value.detail.slice(0, TEXT_MAX),
      help: hint?.slice(0, TEXT_MAX) ?? null,
    });
  }
  return new LinkError({
    code: 'PICKET-C653',
    message: `the controller answered with status ${status}; nothing was changed here`,
  });
}

const TEXT_MAX = 500;

function unreachable(origin: string, why: string): LinkError {
  return new LinkError({
    code: 'PICKET-C660',
    message: `no answer from ${origin}: ${why.slice(0, 200)}; nothing was changed here`,
    help: 'see that the controller runs and that the address can be reached from here',
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
