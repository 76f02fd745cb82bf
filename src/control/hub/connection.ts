// One agent's connection: first words, deliveries with back-pressure, reports, leases, and its end. Holds no policy and decides nothing.

import type { WebSocket } from 'ws';
import {
  type Applied,
  type Decoded,
  type Down,
  decodeUp,
  encode,
  type Hello,
  negotiate,
  type Quarantined,
  type Report,
  type Up,
} from '#wire';
import type { Member, Refused, RenewRequest } from './options.ts';
import { BYE } from './trouble.ts';

/** From the WebSocket to `hello`. */
const HELLO_MS_MAX = 10_000;

/** Bytes that may wait in a socket before nothing more is put there: a slow agent skips to the newest policy. */
const BUFFER_BYTES_MAX = 256 * 1024;

/** Messages at once, and a second: a report, an acknowledgement and a ping in ten seconds are usual. */
const BURST_MAX = 64;
const PER_SECOND_MAX = 16;

/** From `bye` until the socket is cut, read or not. */
const BYE_MS_MAX = 1_000;

/** Longest wait that a timer of Node can hold. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** What a connection asks of its hub. */
export interface Host {
  readonly now: () => number;
  onHello(connection: Connection, hello: Hello): void;
  onApplied(connection: Connection, applied: Applied): void;
  onReport(connection: Connection, report: Report): void;
  onQuarantined(connection: Connection, quarantined: Quarantined): void;
  onWanted(connection: Connection, what: 'snapshot' | 'bundle', why: Refused): void;
  onRenew(connection: Connection, request: RenewRequest): void;
  onDrained(connection: Connection): void;
  onClose(connection: Connection): void;
}

export class Connection {
  readonly member: Member;
  readonly #socket: WebSocket;
  readonly #host: Host;
  readonly #timers: NodeJS.Timeout[] = [];
  #hello: Hello | null = null;
  #isClosing = false;
  #hasAnswered = true;
  #tokens = BURST_MAX;
  #tokensMs: number;
  /** The revision and digest that the agent holds once it has taken everything that was sent. */
  held: { readonly revision: number; readonly digest: string } | null = null;
  /** Something newer waits for the socket to drain. */
  isBehind = false;

  constructor(member: Member, socket: WebSocket, host: Host) {
    this.member = member;
    this.#socket = socket;
    this.#host = host;
    this.#tokensMs = host.now();
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#closed());
    socket.on('pong', () => {
      this.#hasAnswered = true;
    });
    socket.on('message', (data, isBinary) => this.#message(data, isBinary));
    this.#after(HELLO_MS_MAX, () => {
      if (this.#hello === null) this.bye(BYE.silent, 'no hello came in time');
    });
    this.#cutAt(member.cutAtMs);
  }

  /** Of the agent's process; empty before it said hello. */
  get boot(): string {
    return this.#hello?.boot ?? '';
  }

  get isOpen(): boolean {
    return !this.#isClosing && this.#hello !== null && this.#socket.readyState === this.#socket.OPEN;
  }

  get isSlow(): boolean {
    return this.#socket.bufferedAmount > BUFFER_BYTES_MAX;
  }

  /** The same bytes go to every agent, so they are written before. */
  sendBytes(bytes: Buffer): void {
    if (this.#socket.readyState !== this.#socket.OPEN || this.#isClosing) return;
    this.#socket.send(bytes, { binary: false }, () => {
      if (this.isBehind && !this.isSlow) this.#host.onDrained(this);
    });
  }

  send(message: Down): void {
    this.sendBytes(Buffer.from(encode(message)));
  }

  /** Asks whether the agent is there; ends the connection of one that did not answer the last time. */
  beat(): void {
    if (this.#isClosing) return;
    if (!this.#hasAnswered) {
      this.#socket.terminate();
      return;
    }
    this.#hasAnswered = false;
    this.#socket.ping();
  }

  /** Ends the connection with a reason; nothing that arrives after this counts. */
  bye(code: string, message: string): void {
    if (this.#isClosing) return;
    this.send({ kind: 'bye', code, message });
    this.#isClosing = true;
    this.#socket.close();
    this.#after(BYE_MS_MAX, () => this.#socket.terminate());
  }

  /** Ends it without a word, and now: what was revoked gets no more bytes and no more time. */
  cut(): void {
    this.#isClosing = true;
    this.#socket.terminate();
  }

  #closed(): void {
    this.#isClosing = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#host.onClose(this);
  }

  #after(ms: number, work: () => void): void {
    this.#timers.push(setTimeout(work, Math.min(ms, TIMER_MS_MAX)));
  }

  /** INVARIANT: no connection outlives its leaf. */
  #cutAt(atMs: number): void {
    const left = atMs - this.#host.now();
    this.#after(Math.max(0, left), () => {
      if (this.#host.now() >= atMs) this.bye(BYE.expired, 'the certificate is over; renew it and come again');
      else this.#cutAt(atMs);
    });
  }

  #message(data: WebSocket.RawData, isBinary: boolean): void {
    if (this.#isClosing) return;
    if (!this.#hasToken()) {
      this.bye(BYE.flood, `more than ${PER_SECOND_MAX} messages a second`);
      return;
    }
    const decoded: Decoded<Up> =
      isBinary || !Buffer.isBuffer(data) ? { trouble: 'a message is not text' } : decodeUp(data.toString('utf8'));
    if ('trouble' in decoded) this.bye(BYE.unreadable, decoded.trouble);
    else this.#handle(decoded.message);
  }

  #hasToken(): boolean {
    const now = this.#host.now();
    this.#tokens = Math.min(BURST_MAX, this.#tokens + ((now - this.#tokensMs) / 1_000) * PER_SECOND_MAX);
    this.#tokensMs = now;
    this.#tokens -= 1;
    return this.#tokens >= 0;
  }

  #handle(message: Up): void {
    if ((message.kind === 'hello') !== (this.#hello === null)) {
      this.bye(BYE.order, message.kind === 'hello' ? 'hello came twice' : 'the first message is not hello');
      return;
    }
    switch (message.kind) {
      case 'hello':
        this.#greet(message);
        return;
      case 'applied':
        this.#host.onApplied(this, message);
        return;
      case 'report':
        this.#host.onReport(this, message);
        return;
      case 'wanted':
        this.#host.onWanted(this, message.what, message.why);
        return;
      case 'renew':
        this.#host.onRenew(this, message);
        return;
      case 'ping':
        this.send({ kind: 'pong', id: message.id });
        return;
      case 'quarantined':
        this.#host.onQuarantined(this, message);
        return;
      case 'bye':
        this.#isClosing = true;
        this.#socket.close();
        this.#after(BYE_MS_MAX, () => this.#socket.terminate());
        return;
    }
  }

  #greet(hello: Hello): void {
    if (negotiate(hello.versions) === null) {
      this.bye(BYE.version, `no version of the protocol is spoken on both sides; this controller speaks 1`);
      return;
    }
    this.#hello = hello;
    this.held =
      hello.revision === null || hello.digest === null ? null : { revision: hello.revision, digest: hello.digest };
    this.#host.onHello(this, hello);
  }
}
