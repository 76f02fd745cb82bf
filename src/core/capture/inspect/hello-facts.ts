// What a ClientHello tells: server name, fingerprint, and whether the connection hides names. One place for TLS, DTLS and QUIC.
// Not a reader of bytes: hello.ts is.

import { addName, type Found, type Span } from './decoder.ts';
import type { Hello } from './hello.ts';
import { addHiding } from './hiding.ts';
import { ja4, type Transport } from './ja4.ts';

/** The name goes out as soon as it is known, which may be packets before the hello is whole. */
export function addServerName(found: Found, name: string): void {
  if (name !== '') addName(found, { kind: 'sni', name, value: '', address: null, ttlSeconds: 0, isFromServer: false });
}

/** Fingerprint and hiding of a whole hello. */
export function addHello(found: Found, hello: Hello, context: { transport: Transport; span: Span }): void {
  addName(found, {
    kind: 'ja4',
    name: ja4(hello, context.transport),
    value: hello.serverName,
    address: null,
    ttlSeconds: 0,
    isFromServer: false,
  });
  addHiding(found, hello, context);
}
