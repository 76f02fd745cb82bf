// Problems: what is wrong with an input, as data. A problem never stops the house and never widens access.

/** A place in a text: 1-based line and column, and the length of what is marked. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** Path inside the document, for instance `rules.cameras-stream.limits.hours`. */
  readonly path: string;
}

/** `code` is stable and known to `picket explain`, for instance `PICKET-P002`. */
export interface Problem {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly place: Place | null;
  readonly help: string | null;
}
