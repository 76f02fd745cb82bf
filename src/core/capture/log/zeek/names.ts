// Records of Zeek logs that tell names: dns, ssl, quic, dhcp. Each becomes name facts; none is a packet.

import { NO_ADDRESS, parseMac } from '#model';
import { type DnsAnswer, tellAnswers, tellQuestion } from '../dns.ts';
import { sourceEnds, tellName } from '../facts.ts';
import { countOf, instantOfText, microsOfText } from '../values.ts';
import { faultyField, fillEnds } from './ends.ts';
import type { Fields } from './fields.ts';
import type { ZeekRecord } from './kind.ts';

export function readDns({ fields, addresses, observation, sink, begin, skip }: ZeekRecord): string | null {
  const reason = fillEnds(fields, { addresses, observation, protocol: 'udp' });
  if (reason !== null) return reason;
  const name = fields.text('query');
  if (name === '') {
    skip('a Zeek dns record without a name');
    return null;
  }
  const type = countOf(fields.text('qtype')) ?? -1;
  const telling = { sink, addresses, ends: sourceEnds(observation) };
  begin();
  if (!tellQuestion(telling, name, type)) return null;
  const code = fields.text('rcode');
  tellAnswers(telling, {
    name,
    type,
    answeredAt: observation.at + microsOfText(fields.text('rtt')),
    answers: answersOf(fields),
    isAnswered: (code === '' || code === '0') && fields.text('rejected') !== 'T',
  });
  return null;
}

function answersOf(fields: Fields): readonly DnsAnswer[] {
  const ttls = fields.list('TTLs');
  return fields.list('answers').map((text, at) => ({ text, ttlSeconds: Math.floor(Number(ttls[at]) || 0) }));
}

/** ssl and quic: the server name that the client asked for. */
export function readServerName(record: ZeekRecord, kind: 'ssl' | 'quic'): string | null {
  const { fields, addresses, observation, sink, begin, skip } = record;
  const reason = fillEnds(fields, { addresses, observation, protocol: kind === 'quic' ? 'udp' : 'tcp' });
  if (reason !== null) return reason;
  const name = fields.text('server_name');
  if (name === '') {
    skip(`a Zeek ${kind} record without a server name`);
    return null;
  }
  begin();
  tellName(sink, sourceEnds(observation), { kind: 'sni', name });
  return null;
}

/** DHCP servers listen here. */
const SERVER_PORT = 67;

/** A dhcp record has no connection of its own: the client is named by its hardware address. */
export function readDhcp({ fields, addresses, observation, sink, begin, skip }: ZeekRecord): string | null {
  const at = instantOfText(fields.text('ts'));
  if (at === null) return faultyField(fields, 'ts', 'time');
  const name = fields.text('host_name');
  const clientMac = parseMac(fields.text('mac'));
  if (name === '' || clientMac === null) {
    skip('a Zeek dhcp record without a host name');
    return null;
  }
  const client = firstText(fields, ['client_addr', 'assigned_addr', 'assigned_ip', 'id.orig_h']) || '0.0.0.0';
  const server = firstText(fields, ['server_addr', 'id.resp_h']) || '255.255.255.255';
  const ends = { at, client: addresses.intern(client), server: addresses.intern(server), clientMac, port: SERVER_PORT };
  if (ends.client === NO_ADDRESS || ends.server === NO_ADDRESS) return 'an address of the client or server is none';
  observation.at = at;
  begin();
  tellName(sink, ends, { kind: 'dhcp-host', name });
  return null;
}

function firstText(fields: Fields, names: readonly string[]): string {
  return names.map((name) => fields.text(name)).find((text) => text !== '') ?? '';
}
