// Which kinds of Zeek logs are read and what each tells; the others are known to be Zeek logs, and are counted only.

import type { AddressTable, Observation } from '#model';
import type { LogSink, LogTells } from '../reader.ts';
import { TELLS_NOTHING } from '../tally.ts';
import { fillOriginator, turnToResponder } from './conn.ts';
import type { Fields } from './fields.ts';

/** What a kind is given to read one record with. `observation` is reused. */
export interface ZeekRecord {
  readonly fields: Fields;
  readonly addresses: AddressTable;
  readonly observation: Observation;
  readonly sink: LogSink;
  /** Counts the record and tells the sink of it; to be called once, when `observation` is filled and nothing was handed on yet. */
  readonly begin: () => void;
}

export interface ZeekKind {
  readonly tells: LogTells;
  /** Hands on what the record tells; the reason why it cannot be read, or null. */
  read(record: ZeekRecord): string | null;
}

const conn: ZeekKind = {
  tells: { ...TELLS_NOTHING, flows: true, initiators: true },
  read: ({ fields, addresses, observation, sink, begin }) => {
    const reason = fillOriginator(fields, addresses, observation);
    if (reason !== null) return reason;
    begin();
    sink.observe(observation);
    if (turnToResponder(fields, observation)) sink.observe(observation);
    return null;
  },
};

export const ZEEK_KINDS: ReadonlyMap<string, ZeekKind> = new Map([['conn', conn]]);

/** Kinds by fields that they alone have, for spellings that do not name the kind; the first that fits. */
const SIGNS: readonly (readonly [kind: string, fields: readonly string[]])[] = [
  ['conn', ['conn_state']],
  ['conn', ['orig_ip_bytes']],
  ['conn', ['orig_pkts']],
  ['conn', ['history']],
  ['modbus', ['func', 'id.orig_h']],
  ['dnp3', ['fc_request']],
  ['dnp3', ['fc_reply']],
  ['dns', ['query']],
  ['dns', ['qtype']],
  ['dns', ['trans_id', 'rcode']],
  ['quic', ['client_initial_dcid']],
  ['ssl', ['server_name', 'cipher']],
  ['ssl', ['cipher']],
  ['ssl', ['server_name']],
  ['http', ['method', 'uri']],
  ['http', ['trans_depth', 'host']],
  ['dhcp', ['assigned_addr']],
  ['dhcp', ['msg_types']],
  ['mqtt_connect', ['client_id']],
  ['mqtt_publish', ['topic', 'qos', 'payload']],
  ['mqtt_subscribe', ['topics', 'action']],
  ['notice', ['note']],
  ['files', ['fuid', 'mime_type']],
  ['dce_rpc', ['endpoint', 'operation']],
  ['smb_files', ['action', 'path']],
  ['smb_mapping', ['share_type']],
  ['ntp', ['stratum']],
  ['ssh', ['hassh']],
  ['ssh', ['auth_success']],
  ['ssh', ['auth_attempts']],
  ['weird', ['name', 'peer', 'notice']],
  ['x509', ['certificate.serial']],
];

/** The kind that the fields of a record show, or '' for none that is known. */
export function kindOfFields(has: (name: string) => boolean): string {
  const sign = SIGNS.find(([, names]) => names.every(has));
  if (sign !== undefined) return sign[0];
  // A conn log may be cut down to who spoke to whom.
  return ['id.orig_h', 'id.resp_h', 'proto'].every(has) ? 'conn' : '';
}
