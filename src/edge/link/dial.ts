// Opens one connection to a controller: the gate's name, mutual TLS 1.3, the controller's certificate by this domain's rules, then a WebSocket.
// Nothing is sent to a peer that has not proved to be a controller of the domain. Not what is said then.

import { constants } from 'node:crypto';
import { connect, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { gateName, RevocationIndex, type RevocationList, verifyPeer } from '#identity';
import type { Instant } from '#model';
import { DOWN_BYTES_MAX } from '#wire';
import { presentedOf } from './api.ts';
import { bundleOf, chainOf, type Membership } from './membership.ts';
import { pemOf, primitives } from './primitives.ts';
import { LinkError, reasonOf } from './trouble.ts';

/** From the first packet to an open WebSocket. */
const DIAL_MS_MAX = 5_000;

export interface Dial {
  readonly membership: Membership;
  /** `host:port`. */
  readonly address: string;
  readonly now: Instant;
  readonly revocations: RevocationList;
}

/** Rejects with a `LinkError`. The socket is open, but the controller may still refuse this element's certificate: `welcome` is the first proof. */
export async function dial(to: Dial): Promise<WebSocket> {
  const socket = await secured(to);
  try {
    const refusal = judge(socket, to);
    if (refusal !== null) throw refusal;
    return await upgraded(socket);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function secured({ membership, address, now }: Dial): Promise<TLSSocket> {
  const { host, port } = partsOf(address);
  const { pseudonym, key } = membership.gate;
  const socket = connect({
    host,
    port,
    servername: gateName({ pseudonym, key: Buffer.from(key, 'base64') }, now, primitives),
    key: membership.leafKey,
    cert: chainOf(membership).map(pemOf).join(''),
    ca: bundleOf(membership, now).roots.map(({ certificate }) => pemOf(certificate.der)),
    minVersion: 'TLSv1.3',
    // The name in the hello is the gate's; who the controller is, its certificate says, and judge() reads it.
    checkServerIdentity: () => undefined,
    secureOptions: constants.SSL_OP_NO_TICKET,
  });
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      socket.destroy();
      reject(unreachable(address, why));
    };
    const timer = setTimeout(() => fail('nobody answered in time'), DIAL_MS_MAX);
    // Stays on for the socket's life: a peer that goes away must not end the process.
    socket.on('error', (error) => {
      clearTimeout(timer);
      fail(reasonOf(error));
    });
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

/** Null for a controller of this domain. */
function judge(socket: TLSSocket, { membership, now, revocations }: Dial): LinkError | null {
  const { domain } = membership;
  const roots = bundleOf(membership, now).roots.map(({ certificate }) => certificate);
  const trust = { roots, revocations: new RevocationIndex(revocations), primitives };
  const leaf = verifyPeer(presentedOf(socket), trust, { domain, kinds: ['controller'], role: 'server', now });
  return leaf.kind === 'ok' ? null : new LinkError({ code: leaf.code, message: leaf.message, help: leaf.help });
}

function upgraded(socket: TLSSocket): Promise<WebSocket> {
  const webSocket = new WebSocket('ws://picket/agent', 'picket', {
    createConnection: () => socket,
    perMessageDeflate: false,
    maxPayload: DOWN_BYTES_MAX,
    handshakeTimeout: DIAL_MS_MAX,
    followRedirects: false,
  });
  return new Promise((resolve, reject) => {
    webSocket.once('open', () => resolve(webSocket));
    webSocket.on('error', (error) => {
      webSocket.terminate();
      reject(unreachable('the controller', reasonOf(error)));
    });
    webSocket.once('close', () => reject(unreachable('the controller', 'it closed the connection at once')));
  });
}

/** `host:port`, `[v6]:port`. */
function partsOf(address: string): { readonly host: string; readonly port: number } {
  const [, v6, name, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:\s]+)):([0-9]{1,5})$/.exec(address) ?? [];
  const host = v6 ?? name;
  if (host === undefined || Number(port) > 65_535) throw unreachable(address, 'it is no host:port');
  return { host, port: Number(port) };
}

function unreachable(what: string, why: string): LinkError {
  return new LinkError({
    code: 'PICKET-C660',
    message: `no connection to ${what}: ${why.slice(0, 200)}`,
    help: 'the last good policy stays in force; it is tried again by itself',
  });
}
