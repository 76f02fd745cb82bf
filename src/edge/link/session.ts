// One open connection, from hello to its end: reads messages in turn and says what they mean to whoever holds the link. Keeps nothing over its end.

import type { WebSocket } from 'ws';
import { type Decoded, type Down, decodeDown, encode, type Up } from '#wire';

/** From hello to welcome. */
const WELCOME_MS_MAX = 15_000;

/** Silence, in leases, after which the controller counts as gone: pings and leases come every lease. */
const SILENT_LEASES = 3;

/** Messages that wait while one is worked on: a controller sends a handful. */
const WAITING_MAX = 256;

/** How a connection ended: `bye` with the controller's code, or that it broke off. */
export interface End {
  readonly code: string | null;
  readonly message: string;
  /** Nothing was heard for several leases: it hangs, or the way there does. */
  readonly isSilent: boolean;
  /** Whether the controller had taken this element in. */
  readonly wasWelcome: boolean;
}

export interface SessionOptions {
  readonly socket: WebSocket;
  readonly hello: Extract<Up, { kind: 'hello' }>;
  /** Messages come one after the other. */
  readonly onMessage: (message: Down) => Promise<void>;
}

export class Session {
  readonly ended: Promise<End>;
  readonly #socket: WebSocket;
  readonly #onMessage: (message: Down) => Promise<void>;
  #tellEnd: (end: End) => void = () => {};
  #watch: NodeJS.Timeout | null = null;
  #silentMs = WELCOME_MS_MAX;
  #waiting = 0;
  #turn: Promise<void> = Promise.resolve();
  #wasWelcome = false;
  #isSilent = false;
  #reason: { readonly code: string | null; readonly message: string } = {
    code: null,
    message: 'the connection broke off',
  };

  constructor({ socket, hello, onMessage }: SessionOptions) {
    this.#socket = socket;
    this.#onMessage = onMessage;
    this.ended = new Promise((resolve) => {
      this.#tellEnd = resolve;
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#closed());
    socket.on('ping', () => this.#heard());
    socket.on('message', (data, isBinary) => this.#message(data, isBinary));
    this.#heard();
    this.send(hello);
    if (socket.readyState !== socket.OPEN) this.#closed();
  }

  get isWelcome(): boolean {
    return this.#wasWelcome && this.#socket.readyState === this.#socket.OPEN;
  }

  send(message: Up): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(encode(message));
  }

  /** Ends it from this side; `ended` resolves when the socket is closed. */
  close(code: string, message: string): void {
    this.#reason = { code: null, message };
    this.send({ kind: 'bye', code, message });
    this.#socket.close();
    // Reading stops with the close; who does not answer it is cut.
    this.#arm(CLOSE_MS_MAX);
  }

  #closed(): void {
    if (this.#watch !== null) clearTimeout(this.#watch);
    this.#watch = null;
    this.#tellEnd({ ...this.#reason, isSilent: this.#isSilent, wasWelcome: this.#wasWelcome });
  }

  #heard(): void {
    this.#arm(this.#silentMs);
  }

  #arm(ms: number): void {
    if (this.#watch !== null) clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      this.#isSilent = true;
      this.#reason = { code: null, message: 'the controller was silent for too long' };
      this.#socket.terminate();
    }, ms);
  }

  #message(data: WebSocket.RawData, isBinary: boolean): void {
    this.#heard();
    const decoded: Decoded<Down> =
      isBinary || !Buffer.isBuffer(data) ? { trouble: 'a message is not text' } : decodeDown(data.toString('utf8'));
    if ('trouble' in decoded) {
      this.close('PICKET-C602', decoded.trouble);
      return;
    }
    if (this.#waiting >= WAITING_MAX) {
      this.close('PICKET-C603', 'too many messages wait here');
      return;
    }
    this.#take(decoded.message);
  }

  #take(message: Down): void {
    if (message.kind === 'bye') {
      this.#reason = { code: message.code, message: message.message };
      this.#socket.close();
      return;
    }
    if (message.kind === 'welcome') {
      this.#wasWelcome = true;
      this.#silentMs = SILENT_LEASES * message.leaseSeconds * 1_000;
      this.#heard();
    }
    if (!this.#wasWelcome) return;
    this.#waiting += 1;
    this.#turn = this.#turn
      .then(() => this.#onMessage(message))
      .catch(() => {})
      .finally(() => {
        this.#waiting -= 1;
      });
  }
}

const CLOSE_MS_MAX = 2_000;
