// A stranger's and a member's way to the agents' port, byte by byte: what comes back, and how the connection ends.

import { constants } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { gateName } from '#identity';
import type { Membership } from '#link';
import { nodePrimitives } from '../../src/core/identity/certificates.testing.ts';
import { now } from './trust.testing.ts';

export interface Met {
  /** Bytes that came back. */
  readonly bytes: number;
  readonly isReset: boolean;
}

/** Sends bytes and waits for the end. */
export function knock(port: number, bytes: Buffer): Promise<Met> {
  return new Promise((resolve) => {
    let received = 0;
    let isReset = false;
    const socket = connectTcp({ host: '127.0.0.1', port }, () => void socket.write(bytes));
    socket.on('data', (part) => {
      received += part.length;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      isReset = error.code === 'ECONNRESET';
    });
    socket.on('close', () => resolve({ bytes: received, isReset }));
  });
}

/** The ClientHello that a TLS client sends for a server name. */
export function helloFor(servername: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const stream = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        resolve(chunk);
        done();
      },
    });
    const named = servername === '' ? {} : { servername };
    connect({ socket: stream, rejectUnauthorized: false, ...named }).on('error', () => {});
  });
}

export function nameOf({ gate }: Pick<Membership, 'gate'>, at = now()): string {
  return gateName({ pseudonym: gate.pseudonym, key: Buffer.from(gate.key, 'base64') }, at, nodePrimitives);
}

export interface Shown {
  readonly key?: string | undefined;
  readonly cert?: string | undefined;
}

/** How a TLS connection with this certificate ended: `open` where a WebSocket came of it. */
export async function enter(
  port: number,
  member: Membership,
  shown: Shown = {},
): Promise<{ readonly how: 'open' | 'closed'; readonly socket: TLSSocket; readonly webSocket: WebSocket | null }> {
  const cert = member.chain
    .map((der) => `-----BEGIN CERTIFICATE-----\n${der.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`)
    .join('');
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: nameOf(member),
    key: member.leafKey,
    cert,
    minVersion: 'TLSv1.3',
    rejectUnauthorized: false,
    secureOptions: constants.SSL_OP_NO_TICKET,
    ...shown,
  });
  socket.on('error', () => {});
  const isSecure = await new Promise<boolean>((resolve) => {
    socket.once('secureConnect', () => resolve(true));
    socket.once('close', () => resolve(false));
  });
  if (!isSecure) return { how: 'closed', socket, webSocket: null };
  const webSocket = new WebSocket('ws://picket/agent', 'picket', {
    createConnection: () => socket,
    perMessageDeflate: false,
  });
  webSocket.on('error', () => {});
  const isOpen = await new Promise<boolean>((resolve) => {
    webSocket.once('open', () => resolve(true));
    webSocket.once('close', () => resolve(false));
  });
  return { how: isOpen ? 'open' : 'closed', socket, webSocket };
}
