// Every format of logs and flow exports that is read, one line each. A new format is a new file and a new line here.

import { FlowExportReader, isFlowExport } from '../netflow/index.ts';
import { isArgus, openArgus } from './argus/reader.ts';
import { isAws, openAws } from './cloud/aws.ts';
import { isAzure, openAzure } from './cloud/azure.ts';
import { isGcp, openGcp } from './cloud/gcp.ts';
import type { LogFormat } from './reader.ts';
import { isEve, openEve } from './suricata/reader.ts';
import { isZeekLog, ZeekReader } from './zeek/reader.ts';

export const LOG_FORMATS: readonly LogFormat[] = [
  { format: 'Zeek log', matches: isZeekLog, open: (options) => new ZeekReader(options) },
  { format: 'Suricata EVE log', matches: isEve, open: openEve },
  { format: 'argus text', matches: isArgus, open: openArgus },
  { format: 'AWS VPC flow log', matches: isAws, open: openAws },
  { format: 'Azure flow log', matches: isAzure, open: openAzure },
  { format: 'Google Cloud VPC flow log', matches: isGcp, open: openGcp },
  { format: 'NetFlow or IPFIX messages', matches: isFlowExport, open: (options) => new FlowExportReader(options) },
];

/** The format of a log that begins with these bytes, or null. */
export function detectLog(head: Uint8Array): LogFormat | null {
  return LOG_FORMATS.find((format) => format.matches(head)) ?? null;
}
