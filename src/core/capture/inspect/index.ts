// Door of the inspection inside capture: from payload bytes to application, operations and names.
// In: frames. Out: `application` and `operations` on the frame, facts to a sink, tables of facts. Never: a verdict, I/O.

export type { Decoder, Found, FoundName, Span } from './decoder.ts';
export { DECODERS } from './decoders.ts';
export { type FactSink, type OperationFact, PayloadInspector } from './inspector.ts';
export { NAMES_HEADER, NamesTable, OPERATIONS_HEADER, OperationsTable } from './tables.ts';
