// Door of the capture room: recorded traffic in, packets, flows, names and operations out.
// In: bytes of captures and logs as chunks, already unzipped. Out: reused frames and observations, facts, rows.
// Never: I/O, gzip, a clock, reassembly beyond what names and operations need, a verdict.

export { type FlowRow, type FlowSide, flowCsvHeader, flowCsvLine } from './flow-row.ts';
export { FlowTable } from './flow-table.ts';
export { TunnelFlows, tunnelCsvHeader } from './flow-tunnels.ts';
export { detectFormat, type Format } from './format.ts';
export type { Frame } from './frame.ts';
export * from './inspect/index.ts';
export { PACKET_TYPE } from './link/link.ts';
export * from './log/index.ts';
export {
  type ExportDatagram,
  FlowCollector,
  type FlowRecord,
  type FlowTaker,
  isFlowExport,
  zeekLine,
} from './netflow/index.ts';
export {
  type CaptureEnd,
  type FrameGate,
  type FrameSink,
  type Inspector,
  TrafficReader,
  type TrafficReaderOptions,
} from './reader.ts';
