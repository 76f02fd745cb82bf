// Door of the flow exports inside capture: NetFlow 1, 5, 7, 9 and IPFIX in, flows out.
// In: messages, as bytes of a file or one datagram at a time. Out: observations as a log gives them, or flows with both directions. Never: I/O, a clock, a scaling of sampled counts.

export { type ExportDatagram, FlowCollector, type FlowTaker } from './collector.ts';
export type { FlowRecord, Way } from './flow.ts';
export { FlowExportReader, isFlowExport } from './reader.ts';
export { zeekLine } from './zeek-line.ts';
