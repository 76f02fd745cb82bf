// Signs of hidden names: each with evidence, and next to each what looks like it and is none.

import { describe, expect, test } from 'vitest';
import { PROTOCOL, parseAddress } from '#model';
import { newFound } from './decoder.ts';
import { dnsDecoder } from './dns.ts';
import { dnscryptDecoder } from './dnscrypt.ts';
import type { Hello } from './hello.ts';
import { addHiding, isResolverName } from './hiding.ts';
import { httpDecoder } from './http.ts';
import { Bench, bytes, decodeOnce, dnsName, namesOf, span, two } from './inspect.testing.ts';

const PLAIN: Hello = {
  version: 0x0303,
  ciphers: [0x1301],
  extensions: [0, 16],
  supportedVersions: [],
  signatureAlgorithms: [],
  applicationProtocols: [bytes('h2')],
  serverName: 'www.example.com',
};

interface Case {
  readonly hello?: Partial<Hello>;
  readonly port?: number;
  readonly isTcp?: boolean;
  readonly address?: string;
}

function hidden({ hello = {}, port = 443, isTcp = true, address = '203.0.113.1' }: Case): readonly string[] {
  const found = newFound();
  const destinationAddress = parseAddress(address) ?? bytes();
  const shown = span(bytes(), { destinationPort: port, isTcp, destinationAddress });
  addHiding(found, { ...PLAIN, ...hello }, { span: shown });
  return namesOf(found);
}

describe('a hello', () => {
  test.each<[string, Case, readonly string[]]>([
    ['of a web site', {}, []],
    ['to port 853', { port: 853 }, ['hides-names dot port 853 www.example.com']],
    ['to port 854', { port: 854 }, []],
    ['to port 853 without a name', { port: 853, hello: { serverName: '' } }, ['hides-names dot port 853']],
    ['over QUIC to port 853', { port: 853, isTcp: false }, ['hides-names doq port 853 www.example.com']],
    [
      'that offers dot',
      { hello: { applicationProtocols: [bytes('dot')] } },
      ['hides-names dot alpn dot www.example.com'],
    ],
    [
      'that offers doq',
      { hello: { applicationProtocols: [bytes('doq')] }, isTcp: false },
      ['hides-names doq alpn doq www.example.com'],
    ],
    ['that offers dots', { hello: { applicationProtocols: [bytes('dots')] } }, []],
    ['to a resolver', { hello: { serverName: 'dns.google' } }, ['hides-names doh sni dns.google']],
    ['to a resolver in capitals', { hello: { serverName: 'DNS.Google' } }, ['hides-names doh sni DNS.Google']],
    [
      'to a resolver over QUIC',
      { hello: { serverName: 'dns.google' }, isTcp: false },
      ['hides-names doh sni dns.google'],
    ],
    [
      'to the address of a resolver',
      { hello: { serverName: '' }, address: '1.1.1.1' },
      ['hides-names doh address 1.1.1.1'],
    ],
    [
      'to the address, IPv6',
      { hello: { serverName: '' }, address: '2620:fe::fe' },
      ['hides-names doh address 2620:fe::fe'],
    ],
    ['to the address beside it', { hello: { serverName: '' }, address: '1.1.1.4' }, []],
    ['to the address on another port', { port: 8_443, address: '1.1.1.1' }, []],
    ['that is encrypted', { hello: { extensions: [0, 0xfe0d] } }, ['hides-names ech outer www.example.com']],
    [
      'that is encrypted and names nothing',
      { hello: { extensions: [0xfe0d], serverName: '' } },
      ['hides-names ech outer'],
    ],
    [
      'with an encrypted name',
      { hello: { extensions: [0xffce], serverName: '' } },
      ['hides-names ech encrypted server name'],
    ],
  ])('%s', (_, sent, expected) => {
    expect(hidden(sent)).toEqual(expected);
  });
});

test.each([
  ['dns.google', true],
  ['abcdef.dns.nextdns.io', true],
  ['a.b.c.d.e.f.g.h.i.dns.google', true],
  ['google', false],
  ['notdns.google', false],
  ['dns.google.example.com', false],
  ['cloudflare.com', false],
  ['', false],
])('isResolverName(%j) is %s', (name, expected) => {
  expect(isResolverName(name)).toBe(expected);
});

test.each([
  ['GET /dns-query?dns=AAAB HTTP/1.1', true],
  ['POST /dns-query HTTP/1.1', true],
  ['GET /dns-queries HTTP/1.1', false],
  ['GET /a/dns-query HTTP/1.1', false],
  ['GET / HTTP/1.1', false],
])('the request %j is of DNS over HTTPS: %s', (line, expected) => {
  const { found } = decodeOnce(httpDecoder, bytes(`${line}\r\nHost: a\r\n\r\n`), { isTcp: true, isFinal: false });
  expect(namesOf(found).includes('hides-names doh path /dns-query')).toBe(expected);
});

test.each([
  ['2.dnscrypt-cert.example.com', true],
  ['2.DNSCrypt-Cert.example.com', true],
  ['12.dnscrypt-cert.example.com', false],
  ['dnscrypt-cert.example.com', false],
])('a question for %s asks for certificates: %s', (name, expected) => {
  const message = bytes([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0], dnsName(name), two(16), two(1));
  const names = namesOf(decodeOnce(dnsDecoder, message).found);
  expect(names.includes(`hides-names dnscrypt certificate of ${name}`)).toBe(expected);
});

test('an encrypted answer of DNSCrypt is told of its client, on any port', () => {
  expect(dnscryptDecoder.claims(span(bytes('r6fnvWj7rest')))).toBe(false);
  const bench = new Bench();
  const data = bytes('r6fnvWj8', new Uint8Array(40));
  bench.answer({ data, protocol: PROTOCOL.udp, sourcePort: 5_353, destinationPort: 40_000 });
  expect(bench.found).toEqual(['hides-names dnscrypt encrypted answer']);
  expect(bench.names.map(({ client, port }) => [bench.addresses.text(client), port])).toEqual([['10.0.0.1', 5_353]]);
});
