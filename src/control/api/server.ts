// The server of the API's port: HTTPS with TLS 1.3 only, bounded in connections, header, body and time. Not the API behind it.

import { constants, randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import { getRequestListener } from '@hono/node-server';
import { problemResponse } from './answers.ts';
import type { Api } from './create.ts';
import { rawProblem } from './raw-problem.ts';
import { toldOf } from './refusals.ts';
import { refusedRequest } from './target.ts';
import { peerKey } from './throttle.ts';

export interface ServerCertificate {
  /** PEM. */
  readonly key: string;
  /** PEM, the leaf first. */
  readonly chain: string;
}

/** Where the certificate comes from; told anew when it is renewed. */
export interface CertificateSource {
  readonly current: () => ServerCertificate;
  /** Returns how to stop being told. */
  readonly onChange: (changed: () => void) => () => void;
}

export interface ServerLimits {
  readonly connections: number;
  readonly connectionsPerPeer: number;
  readonly headerBytes: number;
  readonly headersMs: number;
  readonly requestMs: number;
  readonly handshakeMs: number;
  /** A connection on which nothing moves; heartbeats keep streams alive. */
  readonly idleMs: number;
  readonly keepAliveMs: number;
}

export const SERVER_LIMITS: ServerLimits = Object.freeze({
  connections: 2_048,
  connectionsPerPeer: 128,
  headerBytes: 16_384,
  headersMs: 10_000,
  requestMs: 30_000,
  handshakeMs: 5_000,
  idleMs: 60_000,
  keepAliveMs: 5_000,
});

export interface ServeOptions {
  readonly api: Api;
  readonly host: string;
  /** 0: one that the kernel gives. */
  readonly port: number;
  /** null: plain HTTP, for a proxy on the same machine that speaks TLS. */
  readonly certificate: CertificateSource | null;
  /** PEM of authorities whose clients may show a certificate; verified by whoever authenticates, never here. */
  readonly clientAuthorities?: readonly string[];
  readonly limits?: Partial<ServerLimits>;
}

export interface ApiServer {
  readonly port: number;
  /** Connections that are open, for the metrics. */
  readonly connections: () => number;
  /** Ends streams, lets requests under way finish for as long as stated, then closes what is left. */
  close(graceMs: number): Promise<void>;
}

/** Rejects with the system's error where the address cannot be had. */
export async function serveApi(options: ServeOptions): Promise<ApiServer> {
  const limits = { ...SERVER_LIMITS, ...options.limits };
  const listener = listenerOf(options.api);
  const common = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    // How often the two above are looked at.
    connectionsCheckingInterval: 1_000,
    insecureHTTPParser: false,
    // The look at the header below answers in the API's own form.
    requireHostHeader: false,
  };
  const { certificate } = options;
  const server =
    certificate === null
      ? createHttpServer(common, listener)
      : createHttpsServer({ ...common, ...tlsOf(options, certificate, limits) }, listener);
  const connections = bound(server, limits);
  const forget = certificate === null || !isTls(server) ? () => {} : renewing(server, options, certificate);
  await listening(server, options);
  return {
    port: portOf(server),
    connections,
    close: (graceMs) => closed({ server, api: options.api, forget, graceMs }),
  };
}

function tlsOf(options: ServeOptions, certificate: CertificateSource, limits: ServerLimits): TlsOptions {
  const { key, chain } = certificate.current();
  const clients = options.clientAuthorities ?? [];
  return {
    key,
    cert: chain,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    // No tickets: a resumed session would skip the look at a certificate that was revoked meanwhile.
    secureOptions: constants.SSL_OP_NO_TICKET,
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: limits.handshakeMs,
    ...(clients.length === 0 ? {} : { ca: [...clients], requestCert: true, rejectUnauthorized: false }),
  };
}

function isTls(server: Server | TlsServer): server is TlsServer {
  return 'setSecureContext' in server;
}

function renewing(server: TlsServer, options: ServeOptions, certificate: CertificateSource): () => void {
  return certificate.onChange(() => server.setSecureContext(tlsOf(options, certificate, SERVER_LIMITS)));
}

function listenerOf(api: Api): RequestListener {
  const hosts = new Set(api.hosts.map((host) => host.toLowerCase()));
  const answer = getRequestListener((request, env) => api.app.fetch(request, env), { overrideGlobalObjects: false });
  return (incoming, outgoing) => {
    const refused = refusedRequest(incoming, hosts);
    if (refused === null) {
      void answer(incoming, outgoing);
      return;
    }
    // Read to its end, or the answer would be lost with the connection.
    incoming.resume();
    // What could be read in two ways ends the connection: nothing after it can be trusted to be a request.
    const { error, kind } = toldOf(refused);
    const response = problemResponse({ error, kind, trace: randomUUID() });
    outgoing.writeHead(kind.status, { ...Object.fromEntries(response.headers), connection: 'close' });
    void response.text().then((text) => outgoing.end(incoming.method === 'HEAD' ? '' : text));
  };
}

/** Connections are bounded in all and by peer, so that one peer cannot take them all. Returns how to count them. */
function bound(server: Server | TlsServer, limits: ServerLimits): () => number {
  const open = new Map<string, number>();
  let all = 0;
  server.maxConnections = limits.connections;
  server.maxHeadersCount = 0;
  server.timeout = limits.idleMs;
  server.on('connection', (socket: Socket) => {
    const peer = peerKey(socket.remoteAddress ?? 'unknown');
    const count = (open.get(peer) ?? 0) + 1;
    open.set(peer, count);
    all += 1;
    socket.once('close', () => {
      all -= 1;
      const left = (open.get(peer) ?? 1) - 1;
      if (left > 0) open.set(peer, left);
      else open.delete(peer);
    });
    if (count > limits.connectionsPerPeer) socket.destroy();
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (!socket.writable || socket.destroyed) return;
    socket.end(rawProblem(error.code ?? '', randomUUID()));
    // Whoever sends no HTTP may not read an answer either.
    setTimeout(() => socket.destroy(), CLOSING_MS).unref();
  });
  server.on('upgrade', (_: IncomingMessage, socket: Duplex) => socket.end(rawProblem('UPGRADE', randomUUID())));
  return () => all;
}

const CLOSING_MS = 1_000;

function listening(server: Server | TlsServer, { host, port }: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function portOf(server: Server | TlsServer): number {
  const address: AddressInfo | string | null = server.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}

interface Closing {
  readonly server: Server | TlsServer;
  readonly api: Api;
  readonly forget: () => void;
  readonly graceMs: number;
}

function closed({ server, api, forget, graceMs }: Closing): Promise<void> {
  forget();
  api.close();
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(late);
      resolve();
    });
    server.closeIdleConnections();
  });
}
