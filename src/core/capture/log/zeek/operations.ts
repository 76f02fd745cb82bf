// Records of Zeek logs that tell operations, some with names: modbus, dnp3, http, mqtt. The connection's own record counts packets and bytes.

import { turnRound } from '../ends.ts';
import { sourceEnds, tellName, tellOperation } from '../facts.ts';
import { dnp3Function, httpMethod, modbusFunction } from '../functions.ts';
import { countOf } from '../values.ts';
import { faultyField, fillEnds } from './ends.ts';
import type { ZeekRecord } from './kind.ts';

const NOTHING = { packets: 0, bytes: 0 } as const;

/** Answers are skipped, as with packets. Logs of older Zeeks have no unit: it is then `?`, which only a pattern with `*` permits. */
export function readModbus({ fields, addresses, observation, sink, begin, skip }: ZeekRecord): string | null {
  const reason = fillEnds(fields, { addresses, observation, protocol: 'tcp' });
  if (reason !== null) return reason;
  if (fields.text('pdu_type') === 'RESP') {
    skip('a Zeek modbus record of an answer');
    return null;
  }
  const code = modbusFunction(fields.text('func'));
  if (code < 0) return faultyField(fields, 'func', 'Modbus function');
  begin();
  const unit = countOf(fields.text('unit')) ?? '?';
  tellOperation(sink, observation, { protocol: 'modbus', operation: `${unit}/${code}` });
  return null;
}

/** Request and reply stand in one record; each is an operation of its sender. */
export function readDnp3({ fields, addresses, observation, sink, begin, skip }: ZeekRecord): string | null {
  const reason = fillEnds(fields, { addresses, observation, protocol: 'tcp' });
  if (reason !== null) return reason;
  const request = fields.text('fc_request');
  const reply = fields.text('fc_reply');
  if (request === '' && reply === '') {
    skip('a Zeek dnp3 record without a function');
    return null;
  }
  if (request !== '' && dnp3Function(request) < 0) return faultyField(fields, 'fc_request', 'DNP3 function');
  if (reply !== '' && dnp3Function(reply) < 0) return faultyField(fields, 'fc_reply', 'DNP3 function');
  begin();
  if (request !== '') tellOperation(sink, observation, { protocol: 'dnp3', operation: String(dnp3Function(request)) });
  if (reply === '') return null;
  turnRound(observation, NOTHING);
  tellOperation(sink, observation, { protocol: 'dnp3', operation: String(dnp3Function(reply)) });
  return null;
}

export function readHttp({ fields, addresses, observation, sink, begin, skip }: ZeekRecord): string | null {
  const reason = fillEnds(fields, { addresses, observation, protocol: 'tcp' });
  if (reason !== null) return reason;
  const operation = httpMethod(fields.text('method'));
  const name = fields.text('host');
  if (operation === '' && name === '') {
    skip('a Zeek http record without a method and a host');
    return null;
  }
  begin();
  if (name !== '') tellName(sink, sourceEnds(observation), { kind: 'http-host', name });
  if (operation !== '') tellOperation(sink, observation, { protocol: 'http', operation });
  return null;
}

export function readMqttConnect({ fields, addresses, observation, sink, begin }: ZeekRecord): string | null {
  const reason = fillEnds(fields, { addresses, observation, protocol: 'tcp' });
  if (reason !== null) return reason;
  begin();
  tellName(sink, sourceEnds(observation), { kind: 'mqtt-client', name: fields.text('client_id') });
  tellOperation(sink, observation, { protocol: 'mqtt', operation: '1' });
  return null;
}

/** A message may go either way: the broker publishes to those who subscribed. */
export function readMqttPublish({ fields, addresses, observation, sink, begin }: ZeekRecord): string | null {
  const reason = fillEnds(fields, { addresses, observation, protocol: 'tcp' });
  if (reason !== null) return reason;
  begin();
  if (fields.text('from_client') === 'F') turnRound(observation, NOTHING);
  tellName(sink, sourceEnds(observation), { kind: 'mqtt-topic', name: fields.text('topic') });
  tellOperation(sink, observation, { protocol: 'mqtt', operation: '3' });
  return null;
}

export function readMqttSubscribe({ fields, addresses, observation, sink, begin }: ZeekRecord): string | null {
  const reason = fillEnds(fields, { addresses, observation, protocol: 'tcp' });
  if (reason !== null) return reason;
  begin();
  for (const name of fields.list('topics')) tellName(sink, sourceEnds(observation), { kind: 'mqtt-topic', name });
  const operation = fields.text('action').endsWith('UNSUBSCRIBE') ? '10' : '8';
  tellOperation(sink, observation, { protocol: 'mqtt', operation });
  return null;
}
