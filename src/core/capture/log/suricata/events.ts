// The types of EVE events that tell flows, names or operations, and how each is read. What an alert quotes of its flow is not counted: the flow event does.

import { turnRound } from '../ends.ts';
import { sourceEnds, tellName, tellOperation } from '../facts.ts';
import { dnp3Function, httpMethod, mqttType } from '../functions.ts';
import { objectOf, propertyOf, textAt } from '../json.ts';
import { TELLS_NOTHING } from '../tally.ts';
import { applicationOf, countOf, instantOfText } from '../values.ts';
import type { EveKind, EveRecord } from './event.ts';
import { readEveDhcp, readEveDns } from './names.ts';

const FLOWS = { ...TELLS_NOTHING, flows: true, initiators: true };
const NAMES = { ...TELLS_NOTHING, names: true };
const OPERATIONS = { ...TELLS_NOTHING, operations: true };
const BOTH = { ...TELLS_NOTHING, names: true, operations: true };
const NOTHING = { packets: 0, bytes: 0 } as const;

export const EVENT_KINDS: ReadonlyMap<string, EveKind> = new Map<string, EveKind>([
  ['flow', { tells: FLOWS, read: readFlow }],
  ['netflow', { tells: { ...FLOWS, initiators: false }, read: readNetflow }],
  ['dns', { tells: NAMES, read: readEveDns }],
  ['tls', { tells: NAMES, read: readServerName }],
  ['quic', { tells: NAMES, read: readServerName }],
  ['dhcp', { tells: NAMES, read: readEveDhcp }],
  ['http', { tells: BOTH, read: readHttp }],
  ['mqtt', { tells: BOTH, read: readMqtt }],
  ['modbus', { tells: OPERATIONS, read: readModbus }],
  ['dnp3', { tells: OPERATIONS, read: readDnp3 }],
]);

/** One event for both directions; the source is who began. */
function readFlow({ body, event, observation, sink, begin }: EveRecord): string | null {
  const packets = countOf(textAt(body, 'pkts_toserver'));
  const bytes = countOf(textAt(body, 'bytes_toserver'));
  if (packets === null || bytes === null) return 'the flow has no pkts_toserver and bytes_toserver';
  observation.at = instantOfText(textAt(body, 'start')) ?? observation.at;
  observation.packets = packets;
  observation.bytes = bytes;
  observation.application = applicationOf(textAt(event, 'app_proto'));
  begin(instantOfText(textAt(body, 'end')) ?? 0);
  sink.observe(observation);
  const back = {
    packets: countOf(textAt(body, 'pkts_toclient')) ?? 0,
    bytes: countOf(textAt(body, 'bytes_toclient')) ?? 0,
  };
  if (back.packets === 0 && back.bytes === 0) return null;
  turnRound(observation, back);
  sink.observe(observation);
  return null;
}

/** One event a direction; which of the two began is not told. */
function readNetflow({ body, event, observation, sink, begin }: EveRecord): string | null {
  const packets = countOf(textAt(body, 'pkts'));
  const bytes = countOf(textAt(body, 'bytes'));
  if (packets === null || bytes === null) return 'the netflow has no pkts and bytes';
  observation.at = instantOfText(textAt(body, 'start')) ?? observation.at;
  observation.packets = packets;
  observation.bytes = bytes;
  observation.initiator = 0;
  observation.application = applicationOf(textAt(event, 'app_proto'));
  begin(instantOfText(textAt(body, 'end')) ?? 0);
  sink.observe(observation);
  return null;
}

function readServerName({ body, observation, sink, begin, skip }: EveRecord): string | null {
  const name = textAt(body, 'sni');
  if (name === '') {
    skip('a Suricata tls or quic event without a server name');
    return null;
  }
  begin(0);
  tellName(sink, sourceEnds(observation), { kind: 'sni', name });
  return null;
}

function readHttp({ body, observation, sink, begin, skip }: EveRecord): string | null {
  const name = textAt(body, 'hostname');
  const operation = httpMethod(textAt(body, 'http_method'));
  if (name === '' && operation === '') {
    skip('a Suricata http event without a method and a host');
    return null;
  }
  begin(0);
  if (name !== '') tellName(sink, sourceEnds(observation), { kind: 'http-host', name });
  if (operation !== '') tellOperation(sink, observation, { protocol: 'http', operation });
  return null;
}

/** Packets that the client sends, and those that the broker does. Acknowledgements of publishes go both ways: whose they are is not told. */
const OF_CLIENT = ['connect', 'publish', 'subscribe', 'unsubscribe', 'pingreq', 'disconnect', 'auth'] as const;
const OF_BROKER = ['connack', 'suback', 'unsuback', 'pingresp'] as const;
/** Topics of one packet that are looked at. */
const TOPICS_MAX = 1_024;

/** One event a transaction: the packet and its answer, each under its own name. */
function readMqtt({ body, observation, sink, begin, skip }: EveRecord): string | null {
  const names = [...OF_CLIENT, ...OF_BROKER].filter((name) => objectOf(propertyOf(body, name)) !== null);
  if (names.length === 0) {
    skip('a Suricata mqtt event without a packet that is known');
    return null;
  }
  begin(0);
  const ends = sourceEnds(observation);
  tellName(sink, ends, { kind: 'mqtt-client', name: textAt(propertyOf(body, 'connect'), 'client_id') });
  tellName(sink, ends, { kind: 'mqtt-topic', name: textAt(propertyOf(body, 'publish'), 'topic') });
  for (const name of [...topicsOf(propertyOf(body, 'subscribe')), ...topicsOf(propertyOf(body, 'unsubscribe'))])
    tellName(sink, ends, { kind: 'mqtt-topic', name });
  for (const name of names.filter((one) => isIn(OF_CLIENT, one)))
    tellOperation(sink, observation, { protocol: 'mqtt', operation: String(mqttType(name)) });
  turnRound(observation, NOTHING);
  for (const name of names.filter((one) => isIn(OF_BROKER, one)))
    tellOperation(sink, observation, { protocol: 'mqtt', operation: String(mqttType(name)) });
  return null;
}

function isIn(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

/** Topics are texts, or objects with a topic and what is asked for it. */
function topicsOf(packet: unknown): readonly string[] {
  const topics = propertyOf(packet, 'topics');
  if (!Array.isArray(topics)) return [];
  return topics.slice(0, TOPICS_MAX).map((topic) => (typeof topic === 'string' ? topic : textAt(topic, 'topic')));
}

function readModbus({ body, observation, sink, begin, skip }: EveRecord): string | null {
  const request = propertyOf(body, 'request');
  const unit = countOf(textAt(request, 'unit_id'));
  const code = countOf(textAt(request, 'function_raw'));
  if (unit === null || code === null) {
    skip('a Suricata modbus event without a request');
    return null;
  }
  begin(0);
  tellOperation(sink, observation, { protocol: 'modbus', operation: `${unit}/${code}` });
  return null;
}

/** Version 1 has one message an event, later ones a request, a response or both. */
function readDnp3({ body, observation, sink, begin, skip }: EveRecord): string | null {
  const isPlain = objectOf(propertyOf(body, 'application')) !== null;
  const isAnswer = isPlain && textAt(body, 'type').includes('response');
  const request = functionOf(isPlain && !isAnswer ? body : propertyOf(body, 'request'));
  const answer = functionOf(isAnswer ? body : propertyOf(body, 'response'));
  if (request < 0 && answer < 0) {
    skip('a Suricata dnp3 event without a function');
    return null;
  }
  begin(0);
  if (request >= 0) tellOperation(sink, observation, { protocol: 'dnp3', operation: String(request) });
  if (answer < 0) return null;
  turnRound(observation, NOTHING);
  tellOperation(sink, observation, { protocol: 'dnp3', operation: String(answer) });
  return null;
}

function functionOf(message: unknown): number {
  return dnp3Function(textAt(propertyOf(message, 'application'), 'function_code'));
}
