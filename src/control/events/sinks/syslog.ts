// Events to a syslog server: TCP or TLS with octet counting, a Unix socket, or UDP. RFC 5424, 5425, 6587.

import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Outgoing, SEND_MS_MAX, type Sink, SinkError } from './sink.ts';
import { counted, SYSLOG_DATAGRAM_BYTES_MAX, syslogMessage } from './syslog-message.ts';

export type SyslogTarget =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'tls'; readonly host: string; readonly port: number; readonly ca: string | null }
  | { readonly kind: 'udp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export interface SyslogSinkOptions {
  readonly target: SyslogTarget;
  /** Name of this controller. */
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function syslogSink(options: SyslogSinkOptions): Sink {
  return options.target.kind === 'udp' ? datagramSink(options, options.target) : streamSink(options, options.target);
}

function messagesOf({ host, now }: SyslogSinkOptions, events: readonly Outgoing[], bytesMax?: number): Buffer[] {
  return events.map((event) => syslogMessage({ ...event, at: now(), host }, bytesMax));
}

type StreamTarget = Exclude<SyslogTarget, { readonly kind: 'udp' }>;

/**
 * A stream tells nothing of what the receiver took. So a group is done when the kernel took all of it and the connection stood;
 * what was under way when it broke is sent again, and receivers tell by an event's id that they have it.
 */
function streamSink(options: SyslogSinkOptions, target: StreamTarget): Sink {
  let socket: Socket | null = null;

  const drop = (): void => {
    socket?.destroy();
    socket = null;
  };

  return {
    async send(events, signal) {
      try {
        socket ??= await connected(target, signal);
        if (socket.destroyed || socket.readableEnded) throw new SinkError('the syslog server closed the connection');
        const bytes = Buffer.concat(messagesOf(options, events).map(counted));
        await written(socket, bytes, signal);
      } catch (error) {
        drop();
        throw error;
      }
    },
    async close() {
      const closing = socket;
      socket = null;
      if (closing === null || closing.destroyed) return;
      await new Promise<void>((resolve) => {
        closing.end(() => resolve());
        closing.once('close', () => resolve());
        setTimeout(() => resolve(), CLOSE_MS).unref();
      });
      closing.destroy();
    },
  };
}

/** Time for what was written to leave when the controller ends. */
const CLOSE_MS = 1_000;

function connected(target: StreamTarget, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = begin(target);
    const fail = (error: unknown): void => {
      socket.destroy();
      reject(error);
    };
    const abort = (): void => fail(new SinkError('it did not answer in time'));
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', fail);
    socket.once(target.kind === 'tls' ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', abort);
      socket.off('error', fail);
      // Later errors are met by the next write.
      socket.on('error', () => {});
      // A server that says something is read, so that its end is noticed.
      socket.resume();
      resolve(socket);
    });
  });
}

function begin(target: StreamTarget): Socket {
  if (target.kind === 'unix') return connect({ path: target.path });
  const { host, port } = target;
  if (target.kind === 'tcp') return connect({ host, port, timeout: SEND_MS_MAX });
  const name = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ host, port, minVersion: 'TLSv1.2', ...name, ...(target.ca === null ? {} : { ca: target.ca }) });
}

function written(socket: Socket, bytes: Buffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new SinkError('it did not take the events in time'));
    signal.addEventListener('abort', abort, { once: true });
    const closed = (): void => reject(new SinkError('the syslog server closed the connection'));
    socket.once('close', closed);
    socket.write(bytes, (error) => {
      signal.removeEventListener('abort', abort);
      socket.off('close', closed);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Datagrams may be lost and nobody is told: for receivers that take nothing else. */
function datagramSink(
  options: SyslogSinkOptions,
  { host, port }: { readonly host: string; readonly port: number },
): Sink {
  let socket: DatagramSocket | null = null;
  return {
    async send(events) {
      socket ??= createSocket({ type: isIP(host) === 6 ? 'udp6' : 'udp4' }).on('error', () => {});
      for (const message of messagesOf(options, events, SYSLOG_DATAGRAM_BYTES_MAX))
        await datagram(socket, message, { host, port });
    },
    async close() {
      socket?.close();
      socket = null;
    },
  };
}

function datagram(
  socket: DatagramSocket,
  message: Buffer,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(message, port, host, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
