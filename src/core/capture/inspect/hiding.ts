// Signs that a conversation hides which names are asked: DNS over TLS, HTTPS or QUIC, DNSCrypt, and encrypted hellos.
// Not a block list: a resolver that is not listed and has port and path of its own is not told from any other server.

import { addressText } from '#model';
import { startsWith } from './bytes.ts';
import { addName, type Found, type Span } from './decoder.ts';
import { EXTENSION, type Hello } from './hello.ts';

/** RFC 7858 and RFC 9250: the port of DNS over TLS and of DNS over QUIC. */
const DOT_PORT = 853;
const HTTPS_PORT = 443;

/** How names are hidden. */
type Hiding = 'dot' | 'doh' | 'doq' | 'ech' | 'dnscrypt';

/**
 * Names of public DNS over HTTPS servers; each holds for the names below it as well. Sources: the operators' own pages (Google Public DNS, Cloudflare 1.1.1.1,
 * Quad9, OpenDNS, AdGuard DNS, NextDNS, CleanBrowsing, Mullvad, Control D, DNS0, DNS.SB, AliDNS, DNSPod, 360, IIJ, CIRA, SWITCH, Restena, Wikimedia).
 */
const RESOLVER_NAMES: ReadonlySet<string> = new Set([
  'dns.google',
  'dns.google.com',
  'dns64.dns.google',
  'cloudflare-dns.com',
  'one.one.one.one',
  'dns.quad9.net',
  'dns9.quad9.net',
  'dns10.quad9.net',
  'dns11.quad9.net',
  'doh.opendns.com',
  'doh.familyshield.opendns.com',
  'dns.umbrella.com',
  'dns.adguard.com',
  'dns.adguard-dns.com',
  'd.adguard-dns.com',
  'dns.nextdns.io',
  'doh.cleanbrowsing.org',
  'dns.mullvad.net',
  'dns.controld.com',
  'freedns.controld.com',
  'dns0.eu',
  'doh.dns.sb',
  'dns.alidns.com',
  'doh.pub',
  'doh.360.cn',
  'public.dns.iij.jp',
  'canadianshield.cira.ca',
  'dns.switch.ch',
  'wikimedia-dns.org',
]);

/** Addresses of the same operators that serve nothing else to speak of. */
const RESOLVER_ADDRESSES: ReadonlySet<string> = new Set([
  ...['8.8.8.8', '8.8.4.4', '2001:4860:4860::8888', '2001:4860:4860::8844'],
  ...['1.1.1.1', '1.0.0.1', '2606:4700:4700::1111', '2606:4700:4700::1001'],
  ...['1.1.1.2', '1.0.0.2', '1.1.1.3', '1.0.0.3'],
  ...[
    '9.9.9.9',
    '149.112.112.112',
    '9.9.9.10',
    '149.112.112.10',
    '9.9.9.11',
    '149.112.112.11',
    '2620:fe::fe',
    '2620:fe::9',
  ],
  ...['208.67.222.222', '208.67.220.220', '208.67.222.123', '208.67.220.123', '146.112.41.2'],
  ...['94.140.14.14', '94.140.15.15', '94.140.14.140', '94.140.14.141'],
  ...['45.90.28.0', '45.90.30.0', '185.228.168.168', '185.228.168.10', '194.242.2.2', '76.76.2.0', '76.76.10.0'],
  ...['193.110.81.0', '185.253.5.0', '185.222.222.222', '45.11.45.11', '223.5.5.5', '223.6.6.6'],
]);

/** Labels of a name that are compared; longer names are compared by their end. */
const LABELS_MAX = 8;

/** RFC 8484: the usual path of DNS over HTTPS, and the media type of its messages. */
const DNS_PATH = '/dns-query';

/** DNSCrypt version 2: the name under which a client asks for certificates, and the first bytes of every encrypted answer. */
const DNSCRYPT_NAME = '2.dnscrypt-cert.';
const DNSCRYPT_ANSWER = 'r6fnvWj8';

/** Tells what a hello hides. An encrypted hello may be mere GREASE (RFC 9849): by design nobody can tell from outside. */
export function addHiding(found: Found, hello: Hello, { span }: { span: Span }): void {
  const name = hello.serverName === '' ? '' : ` ${hello.serverName}`;
  const isEncrypted = hello.extensions.includes(EXTENSION.encryptedHello);
  if (isEncrypted) addHidden(found, 'ech', `outer${name}`);
  else if (hello.extensions.includes(EXTENSION.encryptedServerName)) addHidden(found, 'ech', 'encrypted server name');
  const overPort: Hiding = span.isTcp ? 'dot' : 'doq';
  if (offers(hello, 'doq')) addHidden(found, 'doq', `alpn doq${name}`);
  else if (offers(hello, 'dot')) addHidden(found, 'dot', `alpn dot${name}`);
  else if (span.destinationPort === DOT_PORT) addHidden(found, overPort, `port ${DOT_PORT}${name}`);
  else if (isResolverName(hello.serverName)) addHidden(found, 'doh', `sni${name}`);
  else if (span.destinationPort === HTTPS_PORT && isResolverAddress(span.destinationAddress))
    addHidden(found, 'doh', `address ${addressText(span.destinationAddress)}${name}`);
}

function addHidden(found: Found, hiding: Hiding, evidence: string): void {
  addName(found, {
    kind: 'hides-names',
    name: hiding,
    value: evidence,
    address: null,
    ttlSeconds: 0,
    isFromServer: false,
  });
}

function offers({ applicationProtocols }: Hello, protocol: string): boolean {
  return applicationProtocols.some(
    (offered) => offered.length === protocol.length && startsWith(offered, 0, offered.length, protocol),
  );
}

/** Whether the name, or a name above it, is that of a listed resolver. */
export function isResolverName(name: string): boolean {
  const labels = name.toLowerCase().split('.').slice(-LABELS_MAX);
  return labels.some((_, at) => RESOLVER_NAMES.has(labels.slice(at).join('.')));
}

function isResolverAddress(address: Uint8Array): boolean {
  return address.length === 16 && RESOLVER_ADDRESSES.has(addressText(address));
}

/** Tells a request for the path of DNS over HTTPS in clear: a proxy that ends TLS, or a misled client. `from` is where the path begins. */
export function addClearDoh(found: Found, data: Uint8Array, { from, to }: { from: number; to: number }): void {
  if (!startsWith(data, from, to, DNS_PATH)) return;
  const behind = data[from + DNS_PATH.length];
  if (behind === undefined || from + DNS_PATH.length >= to || behind === 0x20 || behind === 0x3f)
    addHidden(found, 'doh', `path ${DNS_PATH}`);
}

/** Tells a question for DNSCrypt certificates. */
export function addDnscryptQuestion(found: Found, name: string): void {
  if (name.toLowerCase().startsWith(DNSCRYPT_NAME)) addHidden(found, 'dnscrypt', `certificate of ${name}`);
}

/** Whether an encrypted answer of DNSCrypt begins here. */
export function isDnscryptAnswer({ data, from, to }: Span): boolean {
  return startsWith(data, from, to, DNSCRYPT_ANSWER);
}
