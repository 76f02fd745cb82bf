// Door of the command line: words in, text and exit code out. Everything outside comes through the `Io` port.
// In: argv and an `Io`. Out: an exit code (exits.ts), data on stdout, talk on stderr. Never: the process, a file or the clock past the port.

export { EXIT, type Exit } from './exits.ts';
export {
  type Appending,
  type Arrived,
  FileError,
  type FileFacts,
  type FileTrouble,
  type Io,
  type Listening,
  type ListenOptions,
  type Writer,
} from './io.ts';
export type { Endpoint, Entry, Machine, RunEnd, RunOptions, Shown, Started } from './machine.ts';
export { runPicket } from './run.ts';
