// A joined flow as one JSON line in the spelling of Zeek's conn log, which the log reader reads back; what Zeek has no column for stands in columns of its own.

import { macText, PROTOCOL, SECOND } from '#model';
import type { FlowRecord, Way } from './flow.ts';

const NAMES: ReadonlyMap<number, string> = new Map([
  [PROTOCOL.tcp, 'tcp'],
  [PROTOCOL.udp, 'udp'],
  [PROTOCOL.icmp, 'icmp'],
  [PROTOCOL.icmpv6, 'icmp'],
]);
const SIDES = ['ingress', 'egress'] as const;

/** The line without its end. `lost`: what was missing from this exporter up to here (records, or messages of NetFlow 9). */
export function zeekLine(flow: FlowRecord, lost: number): string {
  const { sent, received, icmp } = flow;
  return JSON.stringify({
    _path: 'conn',
    ts: flow.at / SECOND,
    'id.orig_h': flow.source,
    'id.orig_p': icmp < 0 ? Math.max(0, flow.sourcePort) : icmp >> 8,
    'id.resp_h': flow.destination,
    'id.resp_p': icmp < 0 ? Math.max(0, flow.destinationPort) : icmp & 0xff,
    proto: NAMES.get(flow.protocol) ?? String(flow.protocol),
    duration: (flow.ends - flow.at) / SECOND,
    ...counts('orig', sent),
    ...counts('resp', received),
    ...mac('orig_l2_addr', flow.sourceMac),
    ...mac('resp_l2_addr', flow.destinationMac),
    ...(flow.vlan < 0 ? {} : { vlan: flow.vlan }),
    exporter: flow.exporter,
    export_domain: flow.domain,
    export_version: flow.version,
    ...(flow.direction < 0 ? {} : { export_direction: SIDES[flow.direction] }),
    ...(flow.sampledOneIn > 1 ? { sampled_one_in: flow.sampledOneIn } : {}),
    ...(flow.isRefused ? { refused: true } : {}),
    lost_before: lost,
  });
}

/** A direction that the exporter told nothing of sent nothing, as far as it knows. */
function counts(name: 'orig' | 'resp', { packets, bytes, flags }: Way): object {
  return {
    [`${name}_pkts`]: packets > 0 ? packets : bytes > 0 ? 1 : 0,
    [`${name}_ip_bytes`]: Math.max(0, bytes),
    ...(flags >= 0 ? { [`${name}_tcp_flags`]: flags } : {}),
  };
}

function mac(name: string, value: number): object {
  return value < 0 ? {} : { [name]: macText(value) };
}
