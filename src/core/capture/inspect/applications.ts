// Which application the first bytes of a conversation show: one predicate per name of `APPLICATIONS`, all in one plain list.
// Ports are no evidence, but for DNS, NTP, DHCP and CoAP, whose first bytes are weak. Not a memory: conversations.ts keeps the answer.

import { APPLICATIONS } from '#model';
import { isBacnet } from './bacnet.ts';
import { findByte, startsWith, u8, u16 } from './bytes.ts';
import { COAP_PORT, isCoap } from './coap.ts';
import type { Span } from './decoder.ts';
import { isDhcp } from './dhcp.ts';
import { isDnp3 } from './dnp3.ts';
import { hasPlausibleDnsHeader, isDnsPort, isWholeDnsMessage } from './dns.ts';
import { isDtls } from './dtls.ts';
import { isEnip } from './enip.ts';
import { methodAt } from './http-head.ts';
import { isIec104 } from './iec104.ts';
import { isLlmnr } from './llmnr.ts';
import { isMdnsPort } from './mdns.ts';
import { isModbus } from './modbus.ts';
import { isMqttConnect } from './mqtt.ts';
import { isNbns } from './nbns.ts';
import { isOpcua } from './opcua.ts';
import { isQuic } from './quic/reader.ts';
import { isS7 } from './s7comm.ts';
import { isSsdp } from './ssdp.ts';
import { isWireguard } from './wireguard.ts';

type ApplicationName = (typeof APPLICATIONS)[number];
type Predicate = (span: Span) => boolean;

const NTP_PORT = 123;
const DHCPV6_PORTS: readonly number[] = [546, 547];
/** A first line longer than this is judged by what stands before. */
const LINE_BYTES_MAX = 2_048;
const LF = 0x0a;

/** Application codes as the conversation table keeps them: 0 nothing seen, 1 unknown, 2 and up the names of `APPLICATIONS`. */
export const NOTHING_SEEN = 0;
export const UNKNOWN = 1;
const FIRST_NAME = 2;
const NAMES: readonly string[] = ['', 'unknown', ...APPLICATIONS];

/** The text of an application code. */
export function applicationName(code: number): string {
  return NAMES[code] ?? 'unknown';
}

/** The code of an application name, or `UNKNOWN`. */
export function applicationCode(name: string): number {
  const at = NAMES.indexOf(name, FIRST_NAME);
  return at < 0 ? UNKNOWN : at;
}

const PREDICATES: Readonly<Record<ApplicationName, Predicate>> = {
  tls: (span) => span.isTcp && isTlsHandshake(span),
  ssh: (span) => span.isTcp && startsWith(span.data, span.from, span.to, 'SSH-'),
  rtsp: (span) => span.isTcp && isTextOf(span, 'RTSP/', 'rtsp:'),
  sip: (span) => isTextOf(span, 'SIP/', 'sip:') || startsWithWordAnd(span, 'sips:'),
  http: (span) => span.isTcp && isHttp(span),
  mqtt: (span) => span.isTcp && isMqttConnect(span.data, span.from, span.to),
  modbus: (span) => span.isTcp && isModbus(span.data, span.from, span.to),
  smtp: (span) => span.isTcp && isSmtp(span),
  ftp: (span) => span.isTcp && isFtp(span),
  dhcp: (span) => !span.isTcp && (isDhcp(span.data, span.from, span.to) || isDhcpSix(span)),
  ntp: (span) => !span.isTcp && isNtp(span),
  dns: (span) => isDns(span),
  dnp3: (span) => isDnp3(span.data, span.from, span.to),
  s7comm: (span) => span.isTcp && isS7(span.data, span.from, span.to),
  enip: (span) => isEnip(span.data, span.from, span.to),
  iec104: (span) => span.isTcp && isIec104(span.data, span.from, span.to),
  opcua: (span) => span.isTcp && isOpcua(span.data, span.from, span.to),
  bacnet: (span) => !span.isTcp && isBacnet(span.data, span.from, span.to),
  coap: (span) => !span.isTcp && hasPort(span, COAP_PORT) && isCoap(span.data, span.from, span.to),
  quic: isQuic,
  dtls: isDtls,
  mdns: (span) => !span.isTcp && isMdnsPort(span) && hasPlausibleDnsHeader(span.data, span.from, span.to),
  llmnr: isLlmnr,
  nbns: isNbns,
  ssdp: isSsdp,
  wireguard: isWireguard,
};

/** From strong evidence to weak: the first that holds wins. */
const ORDER: readonly ApplicationName[] = [
  'tls',
  'ssh',
  'rtsp',
  'sip',
  'http',
  'mqtt',
  'smtp',
  'ftp',
  'dhcp',
  'dnp3',
  's7comm',
  'opcua',
  'enip',
  'bacnet',
  'iec104',
  'quic',
  'dtls',
  'ssdp',
  'wireguard',
  'ntp',
  'nbns',
  'mdns',
  'llmnr',
  'coap',
  'dns',
  'modbus',
];
const RANKED: readonly (readonly [Predicate, number])[] = ORDER.map((name) => [
  PREDICATES[name],
  applicationCode(name),
]);

/** Code of the application that the bytes show, or `UNKNOWN`. */
export function recognise(span: Span): number {
  for (const [predicate, code] of RANKED) if (predicate(span)) return code;
  return UNKNOWN;
}

function hasPort({ sourcePort, destinationPort }: Span, port: number): boolean {
  return sourcePort === port || destinationPort === port;
}

/** A handshake record that holds a ClientHello or ServerHello. */
function isTlsHandshake({ data, from, to }: Span): boolean {
  if (to - from < 6 || data[from] !== 22 || data[from + 1] !== 3 || u8(data, from + 2) > 4) return false;
  const kind = u8(data, from + 5);
  const length = u16(data, from + 3);
  return (kind === 1 || kind === 2) && length >= 4 && length <= 16_384 + 256;
}

function isHttp(span: Span): boolean {
  const { data, from, to } = span;
  if (startsWith(data, from, to, 'HTTP/1.') || startsWith(data, from, to, 'PRI * HTTP/2.0')) return true;
  if (methodAt(data, from, to) < 0) return false;
  if (hasFirstLine(span)) return versionAt(span, 'HTTP/');
  return startsWithWordAnd(span, '/') || startsWithWordAnd(span, 'http') || startsWithWordAnd(span, '*');
}

/** A status line that begins with `version`, or a request whose first line ends in it or asks for a `scheme` address. */
function isTextOf(span: Span, version: string, scheme: string): boolean {
  if (startsWith(span.data, span.from, span.to, version)) return true;
  if (!isUpperCase(u8(span.data, span.from))) return false;
  return hasFirstLine(span) ? versionAt(span, version) : startsWithWordAnd(span, scheme);
}

function isUpperCase(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

function firstLineEnd({ data, from, to }: Span): number {
  return findByte(data, LF, from, Math.min(to, from + LINE_BYTES_MAX));
}

function hasFirstLine(span: Span): boolean {
  return firstLineEnd(span) >= 0;
}

/** Whether the last word of the first line begins with `version`. */
function versionAt(span: Span, version: string): boolean {
  const end = firstLineEnd(span);
  let at = end - 1;
  while (at > span.from && span.data[at] !== 0x20) at--;
  return startsWith(span.data, at + 1, end, version);
}

/** Whether the second word begins with `start`. */
function startsWithWordAnd({ data, from, to }: Span, start: string): boolean {
  const space = findByte(data, 0x20, from, Math.min(to, from + 32));
  return space > from && startsWith(data, space + 1, to, start);
}

function isSmtp(span: Span): boolean {
  const { data, from, to } = span;
  if (startsWith(data, from, to, 'EHLO ') || startsWith(data, from, to, 'HELO ')) return true;
  return isGreeting(span) && firstLineHas(span, 'SMTP');
}

function isFtp(span: Span): boolean {
  const { data, from, to } = span;
  if (startsWith(data, from, to, 'USER ') || startsWith(data, from, to, 'AUTH TLS\r\n')) return true;
  return isGreeting(span) && firstLineHas(span, 'FTP');
}

/** `220 ` or `220-`: mail and file servers greet alike, the words behind tell. */
function isGreeting({ data, from, to }: Span): boolean {
  return startsWith(data, from, to, '220 ') || startsWith(data, from, to, '220-');
}

function firstLineHas(span: Span, word: string): boolean {
  const found = firstLineEnd(span);
  const end = found < 0 ? Math.min(span.to, span.from + LINE_BYTES_MAX) : found;
  for (let at = span.from; at + word.length <= end; at++) if (startsWith(span.data, at, end, word)) return true;
  return false;
}

function isDns(span: Span): boolean {
  const from = span.isTcp ? span.from + 2 : span.from;
  if (span.isTcp && (span.to < from || u16(span.data, span.from) < 12)) return false;
  const hasPort = isDnsPort(span.sourcePort) || isDnsPort(span.destinationPort);
  if (hasPort && hasPlausibleDnsHeader(span.data, from, span.to)) return true;
  if (span.isTcp && from + u16(span.data, span.from) !== span.to) return false;
  return isWholeDnsMessage(span.data, from, span.to);
}

/** Version 1 to 4 and a mode other than 0, 48 bytes (control and private messages: 12 and 8). */
function isNtp({ data, from, to, sourcePort, destinationPort }: Span): boolean {
  if (sourcePort !== NTP_PORT && destinationPort !== NTP_PORT) return false;
  const version = (u8(data, from) >> 3) & 7;
  const mode = u8(data, from) & 7;
  if (version < 1 || version > 4 || mode === 0) return false;
  return to - from >= (mode < 6 ? 48 : 8);
}

/** Message types 1 to 13 on the ports of DHCPv6. */
function isDhcpSix({ data, from, to, sourcePort, destinationPort }: Span): boolean {
  const hasPort = DHCPV6_PORTS.includes(sourcePort) || DHCPV6_PORTS.includes(destinationPort);
  const kind = u8(data, from);
  return hasPort && to - from >= 4 && kind >= 1 && kind <= 13;
}
