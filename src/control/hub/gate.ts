// The gate before TLS: a raw socket gets on only when the name in its ClientHello carries a tag that a member's key made. Everybody else is reset
// and gets no byte, not even a TLS alert. Not authentication: a tag that is caught buys the right to fail at mutual TLS.

import { createServer, type Server, type Socket } from 'node:net';
import { HELLO_BYTES_MAX, type HelloReading, readClientHello } from './client-hello.ts';

/** A member's ClientHello is sent at once; who takes longer is no member or has no network. */
const HELLO_MS_MAX = 2_000;

/** Sockets that have not shown their name yet, from one address and in all. Beyond, new ones are reset. */
const WAITING_PER_SOURCE_MAX = 64;
const WAITING_MAX = 1_024;

/** The kernel's queue of connections that are not taken yet: agents come back together after a controller dies. */
const BACKLOG = 1_024;

export interface GateOptions {
  readonly host: string;
  readonly port: number;
  /** The domain whose member made this name lately, or null. */
  readonly domainOf: (serverName: string) => Promise<string | null>;
  /** Gets a socket whose first bytes are unread again. */
  readonly admit: (socket: Socket, domain: string) => void;
  /** Told how many were turned away, never who: a scan must not fill a log. */
  readonly onRefused: () => void;
}

export class Gate {
  readonly #options: GateOptions;
  readonly #server: Server;
  readonly #waiting = new Map<Socket, string>();
  readonly #perSource = new Map<string, number>();

  constructor(options: GateOptions) {
    this.#options = options;
    // Half-open sockets are none of ours, and a member's first bytes come at once.
    this.#server = createServer({ noDelay: true, keepAlive: true }, (socket) => this.#meet(socket));
  }

  /** Resolves with the port that was given. */
  async open(): Promise<number> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, backlog: BACKLOG }, () => resolve());
    });
    this.#server.on('error', () => {});
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  /** Takes no more; sockets that were admitted are their owner's, and are not waited for: they are told to go after this. */
  close(): void {
    for (const socket of this.#waiting.keys()) socket.resetAndDestroy();
    this.#server.close();
  }

  #meet(socket: Socket): void {
    // First of all: a peer that goes away must not end the process.
    socket.on('error', () => {});
    const source = socket.remoteAddress ?? '';
    const fromThere = this.#perSource.get(source) ?? 0;
    if (fromThere >= WAITING_PER_SOURCE_MAX || this.#waiting.size >= WAITING_MAX) {
      this.#refuse(socket);
      return;
    }
    this.#waiting.set(socket, source);
    this.#perSource.set(source, fromThere + 1);
    const parts: Buffer[] = [];
    const timer = setTimeout(() => this.#refuse(socket), HELLO_MS_MAX);
    const onData = (part: Buffer): void => {
      parts.push(part);
      const bytes = Buffer.concat(parts);
      const reading = bytes.length > HELLO_BYTES_MAX ? ({ kind: 'none' } as const) : readClientHello(bytes);
      if (reading.kind === 'more') return;
      socket.off('data', onData);
      socket.pause();
      void this.#judge(reading).then((domain) => {
        leave();
        if (socket.destroyed) return;
        if (domain === null) this.#refuse(socket);
        else this.#admit(socket, bytes, domain);
      });
    };
    const leave = (): void => {
      clearTimeout(timer);
      socket.off('data', onData);
      socket.off('close', leave);
      this.#forget(socket);
    };
    socket.on('data', onData);
    socket.on('close', leave);
  }

  /** A fault of whoever knows the keys lets nobody in. */
  async #judge(reading: HelloReading): Promise<string | null> {
    return reading.kind === 'name' ? await this.#options.domainOf(reading.name).catch(() => null) : null;
  }

  #admit(socket: Socket, bytes: Buffer, domain: string): void {
    socket.unshift(bytes);
    this.#options.admit(socket, domain);
  }

  #refuse(socket: Socket): void {
    this.#options.onRefused();
    socket.resetAndDestroy();
  }

  #forget(socket: Socket): void {
    const source = this.#waiting.get(socket);
    if (source === undefined) return;
    this.#waiting.delete(socket);
    const left = (this.#perSource.get(source) ?? 1) - 1;
    if (left <= 0) this.#perSource.delete(source);
    else this.#perSource.set(source, left);
  }
}
