// Lines of conntrack: what each says, and that a line which says too little or too much is no flow.

import { describe, expect, it } from 'vitest';
import { AddressTable } from '#model';
import { FlowLines } from './flow-line.ts';

const addresses = new AddressTable();
const lines = new FlowLines(addresses);
const TCP_ENDS =
  'src=10.1.0.2 dst=10.2.0.2 sport=33948 dport=80 src=10.2.0.2 dst=10.1.0.2 sport=80 dport=33948 [ASSURED] mark=18';

function read(text: string): Record<string, unknown> | null {
  if (!lines.read(text)) return null;
  const { event } = lines.line;
  const end = (address: number, port: number): string => `${addresses.text(address)} ${port}`;
  return {
    ...event,
    at: lines.line.at,
    initiator: end(event.initiator, event.initiatorPort),
    responder: end(event.responder, event.responderPort),
  };
}

describe('FlowLines', () => {
  it.each([
    {
      name: 'a beginning',
      text: '[1795560428.016575]\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT src=10.1.0.2 dst=10.2.0.2 sport=33948 dport=80 [UNREPLIED] src=10.2.0.2 dst=10.1.0.2 sport=80 dport=33948 mark=18 id=933721988',
      says: {
        kind: 'began',
        at: 1795560428016575,
        id: 933721988,
        protocol: 6,
        initiator: '10.1.0.2 33948',
        responder: '10.2.0.2 80',
        mark: 18,
        tcpState: 'syn-sent',
        isAnswered: false,
        isTranslated: false,
        packetsOut: -1,
        bytesBack: -1,
      },
    },
    {
      name: 'a change of state',
      text: `[1795560428.016885]\t [UPDATE] ipv4     2 tcp      6 432000 ESTABLISHED ${TCP_ENDS} id=7`,
      says: { kind: 'progressed', tcpState: 'established', isAnswered: true, id: 7 },
    },
    {
      name: 'an end with counts',
      text: '[1795560428.127611]\t[DESTROY] ipv4     2 tcp      6 119 TIME_WAIT src=10.1.0.2 dst=10.2.0.2 sport=33948 dport=80 packets=5 bytes=273 src=10.2.0.2 dst=10.1.0.2 sport=80 dport=33948 packets=4 bytes=368 [ASSURED] delta-time=9 [start=Tue Nov 24 22:47:08 2026] [stop=Tue Nov 24 22:47:17 2026] id=933721988 [USERSPACE] portid=4269352797',
      says: {
        kind: 'ended',
        id: 933721988,
        packetsOut: 5,
        bytesOut: 273,
        packetsBack: 4,
        bytesBack: 368,
        mark: 0,
        lastedSeconds: 9,
      },
    },
    {
      name: 'ICMP, whose id is not the flow id',
      text: '[1.000001]\t[DESTROY] ipv4     2 icmp     1 29 src=10.1.0.2 dst=10.2.0.2 type=8 code=0 id=23359 packets=1 bytes=84 src=10.2.0.2 dst=10.1.0.2 type=0 code=0 id=23359 packets=1 bytes=84 mark=18 id=2557252500',
      says: { protocol: 1, id: 2557252500, at: 1000001, initiator: '10.1.0.2 -1', responder: '10.2.0.2 -1' },
    },
    {
      name: 'a line of a listing, IPv6',
      text: 'ipv6     10 udp      17 29 src=fd01::2 dst=fd02::2 sport=42453 dport=97 packets=1 bytes=98 [UNREPLIED] src=fd02::2 dst=fd01::2 sport=97 dport=42453 packets=0 bytes=0 mark=18 delta-time=0 [start=Tue Nov 24 22:47:08 2026] use=1 id=4009996154',
      says: { kind: 'progressed', at: -1, initiator: 'fd01::2 42453', responder: 'fd02::2 97', packetsBack: 0 },
    },
    {
      name: 'a hidden initiator',
      text: 'ipv4 2 udp 17 29 src=10.1.0.2 dst=8.8.8.8 sport=5 dport=53 src=8.8.8.8 dst=192.0.2.1 sport=53 dport=1024 id=1',
      says: { initiator: '10.1.0.2 5', responder: '8.8.8.8 53', isTranslated: true },
    },
    {
      name: 'a responder behind another address',
      text: 'ipv4 2 tcp 6 29 ESTABLISHED src=8.8.8.8 dst=192.0.2.1 sport=5 dport=8080 src=10.1.0.2 dst=8.8.8.8 sport=80 dport=5 id=1',
      says: { initiator: '8.8.8.8 5', responder: '10.1.0.2 80', isTranslated: true },
    },
    {
      name: 'a protocol without ports',
      text: 'ipv4     2 unknown  253 599 src=10.1.0.2 dst=10.2.0.2 src=10.2.0.2 dst=10.1.0.2 mark=4294967295 id=4294967295',
      says: { protocol: 253, initiatorPort: -1, mark: 4294967295, id: 4294967295 },
    },
  ])('reads $name', ({ text, says }) => {
    expect(read(text)).toMatchObject(says);
  });

  it.each([
    { name: 'nothing', text: '' },
    { name: 'a message', text: 'conntrack v1.4.7 (conntrack-tools): 5 flow entries have been shown.' },
    { name: 'one direction', text: 'ipv4 2 udp 17 29 src=10.1.0.2 dst=8.8.8.8 sport=5 dport=53 id=1' },
    { name: 'no id', text: `ipv4 2 tcp 6 1 ESTABLISHED ${TCP_ENDS}` },
    { name: 'an id above 32 bits', text: `ipv4 2 tcp 6 1 ESTABLISHED ${TCP_ENDS} id=4294967296` },
    { name: 'an id with a sign', text: `ipv4 2 tcp 6 1 ESTABLISHED ${TCP_ENDS} id=-1` },
    { name: 'no protocol', text: `ipv4 2 tcp ${TCP_ENDS} id=1` },
    { name: 'a protocol above 255', text: `ipv4 2 tcp 256 1 ${TCP_ENDS} id=1` },
    {
      name: 'a bad address',
      text: 'ipv4 2 udp 17 9 src=10.1.0.256 dst=8.8.8.8 sport=5 dport=53 src=8.8.8.8 dst=10.1.0.2 sport=53 dport=5 id=1',
    },
    {
      name: 'no ports where there must be',
      text: 'ipv4 2 udp 17 9 src=10.1.0.2 dst=8.8.8.8 src=8.8.8.8 dst=10.1.0.2 id=1',
    },
    {
      name: 'a port above 65535',
      text: 'ipv4 2 udp 17 9 src=10.1.0.2 dst=8.8.8.8 sport=65536 dport=53 src=8.8.8.8 dst=10.1.0.2 sport=53 dport=5 id=1',
    },
    { name: 'three directions', text: `ipv4 2 tcp 6 1 ${TCP_ENDS} src=10.9.0.1 dst=10.9.0.2 id=1` },
  ])('refuses $name', ({ text }) => {
    expect(read(text)).toBeNull();
  });

  it('reads every beginning and every mutilation of a line without trouble', () => {
    const whole = `[1795560428.016885]\t [UPDATE] ipv4     2 tcp      6 432000 ESTABLISHED ${TCP_ENDS} id=7`;
    for (let at = 0; at <= whole.length; at++) {
      lines.read(whole.slice(0, at));
      lines.read(whole.slice(at));
      lines.read(`${whole.slice(0, at)}[[=\t]${whole.slice(at)}`);
    }
    lines.read(`${'['.repeat(50_000)}\t${'\t'.repeat(50_000)}`);
    expect(read(whole)).toMatchObject({ id: 7 });
  });
});
