// The port to a receiver of events, and what may go wrong there. Not a queue: that is the spool.

/** An event as a receiver's format writes it; one line. */
export interface Outgoing {
  /** As syslog counts: 0 emergency … 7 debug. */
  readonly severity: number;
  readonly text: string;
}

/** Something that takes events, many at once, in order. */
export interface Sink {
  /** Resolves when the receiver has them; rejects with a `SinkError` where it has not, or not all. */
  send(events: readonly Outgoing[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The receiver did not take what was sent. */
export class SinkError extends Error {
  /** The receiver will never take these: sending them again is of no use. */
  readonly isFinal: boolean;

  constructor(
    message: string,
    { isFinal = false, cause }: { readonly isFinal?: boolean; readonly cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? {} : { cause });
    this.isFinal = isFinal;
  }
}

/** A receiver has this long to take a group of events. */
export const SEND_MS_MAX = 15_000;

export function sinkError(error: unknown): SinkError {
  if (error instanceof SinkError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new SinkError(text.replace(/^E[A-Z]+: /, ''), { cause: error });
}
