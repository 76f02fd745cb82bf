// HTTPS requests of commands to a controller, for the `Machine` port. Node's own client; TLS 1.3 only, verified, never redirected.

import { createHash, X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { isIP } from 'node:net';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import type { Machine } from '#cli';

/** Nothing moves on a connection for so long: the controller is gone. Its streams have heartbeats every 15 s. */
const IDLE_MILLIS = 60_000;
const CONNECT_MILLIS = 10_000;
/** Certificates of one chain. */
const CHAIN_MAX = 10;

export const httpsTo: Machine['https'] = (endpoint) => async (asked) =>
  new Promise((resolve, reject) => {
    const sent = request(
      {
        ...tlsOf(endpoint),
        rejectUnauthorized: true,
        method: asked.method,
        path: asked.target,
        headers: {
          ...asked.headers,
          ...(asked.body === null ? {} : { 'content-length': String(Buffer.byteLength(asked.body)) }),
        },
        agent: false,
        ...(asked.signal === null ? {} : { signal: asked.signal }),
      },
      (response) =>
        resolve({
          status: response.statusCode ?? 0,
          header: (name) => {
            const value = response.headers[name];
            return Array.isArray(value) ? value.join(', ') : (value ?? null);
          },
          body: response,
        }),
    );
    const late = setTimeout(() => sent.destroy(new Error('no connection within 10 s')), CONNECT_MILLIS);
    sent.once('socket', (socket) => socket.once('secureConnect', () => clearTimeout(late)));
    sent.once('close', () => clearTimeout(late));
    sent.setTimeout(IDLE_MILLIS, () => sent.destroy(new Error('nothing came for 60 s')));
    sent.on('error', reject);
    sent.end(asked.body ?? undefined);
  });

export const shownBy: Machine['shown'] = (endpoint) =>
  new Promise((resolve, reject) => {
    const socket = connect({ ...tlsOf(endpoint), rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] }, () => {
      const last = lastOf(socket.getPeerCertificate(true));
      const certificate = new X509Certificate(last);
      resolve({
        isTrusted: socket.authorized,
        authority: certificate.toString(),
        fingerprint: createHash('sha256').update(last).digest('hex'),
      });
      socket.destroy();
    });
    socket.setTimeout(CONNECT_MILLIS, () => socket.destroy(new Error('no connection within 10 s')));
    socket.on('error', reject);
  });

function tlsOf({ host, port, authority }: Parameters<Machine['https']>[0]) {
  return {
    host,
    port,
    minVersion: 'TLSv1.3',
    // A pinned authority may be one that another one signed: it is where the chain ends for us.
    ...(authority === null ? {} : { ca: [authority], allowPartialTrustChain: true }),
    ...(isIP(host) === 0 ? { servername: host } : {}),
  } as const;
}

function lastOf(leaf: DetailedPeerCertificate): Buffer {
  let last = leaf;
  for (let length = 1; length < CHAIN_MAX; length++) {
    const issuer: DetailedPeerCertificate | undefined = last.issuerCertificate;
    if (issuer === undefined || issuer === last || issuer.fingerprint256 === last.fingerprint256) break;
    last = issuer;
  }
  return last.raw;
}
