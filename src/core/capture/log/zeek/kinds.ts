// Which kinds of Zeek logs are read and what each tells; the others are known to be Zeek logs, and are counted only.

import { TELLS_NOTHING } from '../tally.ts';
import { readConn } from './conn.ts';
import type { ZeekKind } from './kind.ts';
import { readDhcp, readDns, readServerName } from './names.ts';
import { readDnp3, readHttp, readModbus, readMqttConnect, readMqttPublish, readMqttSubscribe } from './operations.ts';

const FLOWS = { ...TELLS_NOTHING, flows: true, initiators: true, ipBytes: true };
const NAMES = { ...TELLS_NOTHING, names: true };
const OPERATIONS = { ...TELLS_NOTHING, operations: true };
const BOTH = { ...TELLS_NOTHING, names: true, operations: true };

/** By the word in `#path` or `_path`. */
export const ZEEK_KINDS: ReadonlyMap<string, ZeekKind> = new Map([
  ['conn', { tells: FLOWS, read: readConn }],
  ['dns', { tells: NAMES, read: readDns }],
  ['ssl', { tells: NAMES, read: (record) => readServerName(record, 'ssl') }],
  ['quic', { tells: NAMES, read: (record) => readServerName(record, 'quic') }],
  ['dhcp', { tells: NAMES, read: readDhcp }],
  ['http', { tells: BOTH, read: readHttp }],
  ['modbus', { tells: OPERATIONS, read: readModbus }],
  ['dnp3', { tells: OPERATIONS, read: readDnp3 }],
  ['mqtt_connect', { tells: BOTH, read: readMqttConnect }],
  ['mqtt_publish', { tells: BOTH, read: readMqttPublish }],
  ['mqtt_subscribe', { tells: BOTH, read: readMqttSubscribe }],
] satisfies readonly (readonly [string, ZeekKind])[]);

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
