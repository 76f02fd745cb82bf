// The UDP socket of the real world for the `Io` port: a bounded queue between the network and whoever reads.

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { type Arrived, FileError, type Listening, type ListenOptions } from '#cli';

/** Datagrams and bytes that wait to be read; what comes when either is full is dropped and counted. */
const QUEUE_MAX = 8_192;
const QUEUE_BYTES_MAX = 16 * 1024 * 1024;
/** Asked of the system, which may give less: a burst of a busy router. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const QUIET_MILLIS = 1_000;
/** Longest time that a timer holds; a run that is told to last longer is not ended by it. */
const TIMER_MILLIS_MAX = 2 ** 31 - 1;

const open = new Set<Inbox>();

/** Tells every open socket to end; false when there is none left to tell. */
export function stopListening(): boolean {
  const inboxes = [...open];
  for (const inbox of inboxes) inbox.close();
  return inboxes.length > 0;
}

export async function listen(options: ListenOptions, now: () => number): Promise<Listening> {
  const socket = createSocket({ type: options.address.includes(':') ? 'udp6' : 'udp4' });
  await new Promise<void>((done, failed) => {
    socket.once('error', (error) =>
      failed(new FileError('failed', error.message.replace(/^bind E[A-Z]+ ?/, 'the system refused '))),
    );
    socket.bind({ address: options.address, port: options.port, exclusive: true }, done);
  });
  return new Inbox(socket, options, now);
}

class Inbox implements Listening {
  readonly address: string;
  readonly port: number;
  readonly #socket: Socket;
  readonly #queue: Arrived[] = [];
  #read = 0;
  #bytes = 0;
  #dropped = 0;
  #isOpen = true;
  #wake: () => void = () => {};
  #end: NodeJS.Timeout | undefined;

  constructor(socket: Socket, { isWelcome, lasts }: ListenOptions, now: () => number) {
    this.#socket = socket;
    ({ address: this.address, port: this.port } = socket.address());
    try {
      socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
    } catch {
      // The system gives what it has; sequence numbers tell what was lost.
    }
    socket.on('message', (data: Buffer, { address }: RemoteInfo) => {
      if (isWelcome(address)) this.#add({ data, from: address, at: now() });
    });
    socket.removeAllListeners('error');
    socket.on('error', () => this.close());
    if (lasts !== null && lasts / 1_000 <= TIMER_MILLIS_MAX) this.#end = setTimeout(() => this.close(), lasts / 1_000);
    open.add(this);
  }

  get dropped(): number {
    return this.#dropped;
  }

  async next(): Promise<Arrived | 'quiet' | null> {
    if (this.#read >= this.#queue.length) {
      this.#queue.length = 0;
      this.#read = 0;
      if (!this.#isOpen) return null;
      await this.#something();
    }
    const arrived = this.#queue[this.#read];
    if (arrived === undefined) return this.#isOpen ? 'quiet' : null;
    this.#read++;
    this.#bytes -= arrived.data.length;
    return arrived;
  }

  /** What has arrived can still be read. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    open.delete(this);
    clearTimeout(this.#end);
    this.#socket.close();
    this.#wake();
  }

  #add(arrived: Arrived): void {
    const isFull = this.#queue.length - this.#read >= QUEUE_MAX || this.#bytes + arrived.data.length > QUEUE_BYTES_MAX;
    if (isFull) {
      this.#dropped++;
      return;
    }
    this.#queue.push(arrived);
    this.#bytes += arrived.data.length;
    this.#wake();
  }

  #something(): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, QUIET_MILLIS);
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }
}
