// The agents' port: gate, then mutual TLS 1.3 in the domain that the gate named, then one WebSocket. Who comes out is a member proved by its leaf.
// Not what is said on it: connection.ts.

import { constants } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { createServer as createTlsServer, type DetailedPeerCertificate, type Server, type TLSSocket } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Presented } from '#identity';
import { UP_BYTES_MAX } from '#wire';
import { Gate } from './gate.ts';
import type { HubOptions, Member } from './options.ts';

/** Handshakes and upgrades under way. Each costs a signature; beyond, sockets are reset and members come again after a pause. */
const OPENING_MAX = 512;

/** From the gate to a WebSocket. */
const OPENING_MS_MAX = 10_000;

/** Certificates of the domain's own server are read anew this often, so a renewed leaf is shown without a restart. */
const SERVER_MS_MAX = 60_000;

/** Of a member. The path says nothing; there is one thing to ask for. */
const PATH = '/agent';
export const SUBPROTOCOL = 'picket';

export interface DoorOptions extends Pick<HubOptions, 'listen' | 'trust' | 'now'> {
  readonly log: (line: string) => void;
  readonly onMember: (member: Member, socket: WebSocket) => void;
}

interface Opening {
  readonly socket: Socket;
  readonly timer: NodeJS.Timeout;
}

interface Room {
  readonly server: Server;
  readMs: number;
}

export class Door {
  readonly #options: DoorOptions;
  readonly #gate: Gate;
  readonly #rooms = new Map<string, Promise<Room>>();
  /** By the peer's address and port, which the raw socket and the one of TLS share. */
  readonly #opening = new Map<string, Opening>();
  readonly #members = new WeakMap<Socket, Member>();
  readonly #http = createHttpServer({
    keepAlive: false,
    headersTimeout: OPENING_MS_MAX,
    maxHeaderSize: 4 * 1024,
    connectionsCheckingInterval: 1_000,
  });
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: UP_BYTES_MAX,
    perMessageDeflate: false,
    clientTracking: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  #refused = 0;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#gate = new Gate({
      ...options.listen,
      domainOf: (name) => options.trust.domainOf(name),
      admit: (socket, domain) => void this.#admit(socket, domain),
      onRefused: () => {
        this.#refused += 1;
      },
    });
    this.#http.on('request', (_, response) => response.writeHead(426, { connection: 'close' }).end());
    this.#http.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#upgrade(request, socket, head),
    );
    this.#http.on('clientError', (_, socket) => socket.destroy());
  }

  /** Sockets that the gate or TLS turned away since the start. */
  get refused(): number {
    return this.#refused;
  }

  open(): Promise<number> {
    return this.#gate.open();
  }

  close(): void {
    this.#gate.close();
    for (const [peer, { socket }] of this.#opening) {
      this.#opened(peer);
      socket.destroy();
    }
    this.#http.close();
  }

  async #admit(socket: Socket, domain: string): Promise<void> {
    if (this.#opening.size >= OPENING_MAX) {
      this.#turnAway(socket);
      return;
    }
    const peer = peerOf(socket);
    const timer = setTimeout(() => socket.destroy(), OPENING_MS_MAX);
    this.#opening.set(peer, { socket, timer });
    socket.once('close', () => this.#opened(peer));
    try {
      const room = await this.#roomOf(domain);
      room.server.emit('connection', socket);
    } catch (error) {
      this.#options.log(`agents' port: cannot serve domain=${domain}: ${messageOf(error)}`);
      this.#opened(peer);
      this.#turnAway(socket);
    }
  }

  #opened(peer: string): void {
    clearTimeout(this.#opening.get(peer)?.timer);
    this.#opening.delete(peer);
  }

  #turnAway(socket: Socket): void {
    this.#refused += 1;
    socket.resetAndDestroy();
  }

  async #roomOf(domain: string): Promise<Room> {
    const { trust, now } = this.#options;
    const known = await this.#rooms.get(domain)?.catch(() => null);
    if (known !== undefined && known !== null && now() - known.readMs < SERVER_MS_MAX) return known;
    if (known !== undefined && known !== null) {
      known.readMs = now();
      known.server.setSecureContext(contextOf(await trust.server(domain)));
      return known;
    }
    const made = this.#makeRoom(domain);
    this.#rooms.set(domain, made);
    return made;
  }

  /** One TLS server a domain, which never listens itself: its roots are this domain's alone, so another's leaf cannot pass. */
  async #makeRoom(domain: string): Promise<Room> {
    const { trust, now } = this.#options;
    const server = createTlsServer({
      ...contextOf(await trust.server(domain)),
      requestCert: true,
      rejectUnauthorized: true,
      handshakeTimeout: OPENING_MS_MAX,
    });
    server.on('tlsClientError', (_, socket) => {
      this.#refused += 1;
      socket.destroy();
    });
    server.on('secureConnection', (socket) => void this.#secure(socket, domain));
    return { server, readMs: now() };
  }

  async #secure(socket: TLSSocket, domain: string): Promise<void> {
    socket.on('error', () => {});
    const presented = socket.authorized && !socket.isSessionReused() ? presentedOf(socket) : null;
    const judged = presented === null ? null : await this.#judge(domain, presented);
    if (judged === null || 'code' in judged) {
      if (judged !== null) this.#options.log(`agents' port: refused domain=${domain} code=${judged.code}`);
      this.#refused += 1;
      socket.destroy();
      return;
    }
    this.#members.set(socket, judged);
    this.#http.emit('connection', socket);
  }

  async #judge(domain: string, presented: Presented): ReturnType<HubOptions['trust']['judge']> {
    try {
      return await this.#options.trust.judge(domain, presented);
    } catch {
      return { code: 'PICKET-C612', message: 'the certificate could not be judged' };
    }
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const member = this.#members.get(socket);
    if (member === undefined || request.url !== PATH || request.headers['sec-websocket-protocol'] !== SUBPROTOCOL) {
      socket.destroy();
      return;
    }
    this.#opened(peerOf(socket));
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => this.#options.onMember(member, webSocket));
  }
}

/** The leaf that TLS proved, and what was sent beside it; null where there is none. */
function presentedOf(socket: TLSSocket): Presented | null {
  const chain: Uint8Array[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw !== undefined && chain.length < CHAIN_MAX) {
    chain.push(certificate.raw);
    // A root names itself as its issuer.
    certificate = certificate.issuerCertificate === certificate ? undefined : certificate.issuerCertificate;
  }
  const [leaf, ...others] = chain;
  return leaf === undefined || leaf.length === 0 ? null : { leaf, others };
}

/** A leaf, its issuer, a root: more is not read. */
const CHAIN_MAX = 4;

function peerOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}

function contextOf(server: { readonly key: string; readonly cert: string; readonly ca: readonly string[] }): object {
  return {
    key: server.key,
    cert: server.cert,
    ca: [...server.ca],
    minVersion: 'TLSv1.3',
    // A resumed session would skip the check of the certificate: expired and revoked leaves would still pass.
    secureOptions: constants.SSL_OP_NO_TICKET,
    sessionIdContext: 'picket-agents',
  };
}
