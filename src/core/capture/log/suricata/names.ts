// EVE events that tell names by exchanges: dns in its three versions, dhcp.

import { NO_ADDRESS, parseMac } from '#model';
import { ANSWERS_MAX, type DnsAnswer, tellAnswers, tellQuestion } from '../dns.ts';
import { turnRound } from '../ends.ts';
import { sourceEnds, tellName } from '../facts.ts';
import { propertyOf, textAt } from '../json.ts';
import { countOf } from '../values.ts';
import type { EveRecord } from './event.ts';

const TYPES: ReadonlyMap<string, number> = new Map([
  ['A', 1],
  ['NS', 2],
  ['CNAME', 5],
  ['SOA', 6],
  ['PTR', 12],
  ['MX', 15],
  ['TXT', 16],
  ['AAAA', 28],
  ['SRV', 33],
  ['NAPTR', 35],
  ['DS', 43],
  ['RRSIG', 46],
  ['DNSKEY', 48],
  ['SVCB', 64],
  ['HTTPS', 65],
  ['ANY', 255],
]);
const OTHER_TYPE = 0;
const DNS_PORTS: readonly number[] = [53, 5353, 5355];
const DHCP_PORT = 67;

/**
 * Version 1 has one event a question and one an answer record; version 2 one an answer with its list; version 3 names requests and
 * responses and gives the questions as a list. Events of answers may stand in the packet's direction or the flow's: the port tells.
 */
export function readEveDns({ body, addresses, observation, sink, begin, skip }: EveRecord): string | null {
  const asked = propertyOf(body, 'queries');
  const question: unknown = Array.isArray(asked) ? asked[0] : body;
  const name = textAt(question, 'rrname') || textAt(body, 'rrname');
  const type = textAt(body, 'type');
  if (name === '') {
    skip('a Suricata dns event without a name');
    return null;
  }
  if (DNS_PORTS.includes(observation.sourcePort) && !DNS_PORTS.includes(observation.destinationPort))
    turnRound(observation, { packets: 0, bytes: 0 });
  const telling = { sink, addresses, ends: sourceEnds(observation) };
  const askedType = typeOf(textAt(question, 'rrtype'));
  begin(0);
  if (type === 'query' || type === 'request') {
    tellQuestion(telling, name, askedType);
    return null;
  }
  const code = textAt(body, 'rcode');
  tellAnswers(telling, {
    name,
    type: askedType,
    answeredAt: observation.at,
    answers: answersOf(body, name),
    isAnswered: code === '' || code === 'NOERROR' || code === '0',
  });
  return null;
}

function typeOf(word: string): number {
  return word === '' ? -1 : (TYPES.get(word.toUpperCase()) ?? OTHER_TYPE);
}

/** Answers on the chain of canonical names that begins at the asked name: others, such as forged ones, bind nothing to it. */
function answersOf(body: unknown, name: string): readonly DnsAnswer[] {
  const list = propertyOf(body, 'answers');
  if (!Array.isArray(list)) {
    const grouped = propertyOf(body, 'grouped');
    if (grouped !== undefined) return groupedAnswers(grouped);
    return answerOf(body, textAt(body, 'rrtype'));
  }
  const chain = new Set([name.toLowerCase()]);
  const answers: DnsAnswer[] = [];
  for (const item of list.slice(0, ANSWERS_MAX)) {
    const owner = textAt(item, 'rrname').toLowerCase();
    if (owner !== '' && !chain.has(owner)) continue;
    const type = textAt(item, 'rrtype');
    if (type === 'CNAME') chain.add(textAt(item, 'rdata').toLowerCase());
    answers.push(...answerOf(item, type));
  }
  return answers;
}

function answerOf(item: unknown, type: string): readonly DnsAnswer[] {
  const text = textAt(item, 'rdata');
  if (text === '' || (type !== 'A' && type !== 'AAAA' && type !== 'CNAME')) return [];
  return [{ text, ttlSeconds: countOf(textAt(item, 'ttl')) ?? 0 }];
}

/** By type, without the time to live. */
function groupedAnswers(grouped: unknown): readonly DnsAnswer[] {
  return ['CNAME', 'A', 'AAAA'].flatMap((type) => {
    const texts = propertyOf(grouped, type);
    if (!Array.isArray(texts)) return [];
    return texts.slice(0, ANSWERS_MAX).flatMap((text) => (typeof text === 'string' ? [{ text, ttlSeconds: 0 }] : []));
  });
}

/** Host names stand in extended events of the client only. */
export function readEveDhcp({ body, addresses, observation, sink, begin, skip }: EveRecord): string | null {
  const name = textAt(body, 'hostname');
  const clientMac = parseMac(textAt(body, 'client_mac'));
  if (name === '' || clientMac === null || textAt(body, 'type') === 'reply') {
    skip('a Suricata dhcp event without a host name of its client');
    return null;
  }
  const given = addresses.intern(textAt(body, 'client_ip'));
  const isGiven = given !== NO_ADDRESS && addresses.text(given) !== '0.0.0.0';
  const client = isGiven ? given : observation.source;
  begin(0);
  const ends = { at: observation.at, client, server: observation.destination, clientMac, port: DHCP_PORT };
  tellName(sink, ends, { kind: 'dhcp-host', name });
  return null;
}
