// Door of the logs inside capture: recorded flow records and what stands beside them in, observations and facts out.
// In: bytes of logs as chunks, already unzipped. Out: the same observations and facts as from packets. Never: I/O, a clock, an order of time (a log has its own).

export { detectLog } from './formats.ts';
export type {
  LogEnd,
  LogFormat,
  LogOptions,
  LogProblem,
  LogReader,
  LogRecord,
  LogSink,
  LogSkipped,
  LogTells,
} from './reader.ts';
export { joinedTells, TELLS_NOTHING } from './tally.ts';
export { ZeekReader } from './zeek/reader.ts';
