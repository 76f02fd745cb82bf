// The source of verdict records: the log group that the kernel's table writes to. It does not know what a mark means.

import { type Frame, TrafficReader } from '#capture';
import { type AddressTable, NO_ADDRESS, NO_MAC, NO_PORT } from '#model';
import type { VerdictRecord } from './facts.ts';
import { LogGroup, type LogGroupOptions } from './log-group.ts';
import { newNflogHead, readNflog } from './nflog.ts';

export interface VerdictsOptions extends LogGroupOptions {
  readonly addresses: AddressTable;
  /** The record is filled anew for each packet. */
  readonly tell: (record: VerdictRecord) => void;
  readonly nameOf: (index: number) => string;
}

export function verdictRecords(options: VerdictsOptions): LogGroup {
  const { addresses, nameOf, tell } = options;
  const head = newNflogHead();
  const record = newRecord();
  const frame = (one: Frame): void => {
    readNflog(one.data, head);
    record.at = head.at < 0 ? one.at : head.at;
    record.mark = head.mark;
    record.prefix = head.prefix;
    record.inInterface = nameOf(head.inIndex);
    record.outInterface = nameOf(head.outIndex);
    record.sourceMac = head.mac;
    record.source = one.source;
    record.destination = one.destination;
    record.protocol = one.protocol;
    record.sourcePort = one.sourcePort;
    record.destinationPort = one.destinationPort;
    record.tcpFlags = one.tcpFlags;
    record.bytes = one.bytes;
    tell(record);
  };
  return new LogGroup('verdicts', options, () => new TrafficReader({ addresses, inspector: null, sink: { frame } }));
}

function newRecord(): VerdictRecord {
  return {
    at: 0,
    mark: 0,
    prefix: '',
    inInterface: '',
    outInterface: '',
    sourceMac: NO_MAC,
    source: NO_ADDRESS,
    destination: NO_ADDRESS,
    protocol: 0,
    sourcePort: NO_PORT,
    destinationPort: NO_PORT,
    tcpFlags: -1,
    bytes: 0,
  };
}
