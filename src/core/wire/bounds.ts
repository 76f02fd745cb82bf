// Bounds of everything that is said between agents and controllers. A sender cuts to them, a reader refuses what is beyond.

/** Bytes of a message to an agent: a snapshot of the longest policy text that is read (4 Mi characters), quoted twice. */
export const DOWN_BYTES_MAX = 16 * 1024 * 1024;

/** Bytes of a message to a controller: a full report is a tenth of it. */
export const UP_BYTES_MAX = 1024 * 1024;

/** Entries of one section that the language reads, times its sections. */
export const ENTRIES_MAX = 7 * 20_000;

/** Characters of one entry: a rule with the longest selector and every limit. */
export const ENTRY_CHARS_MAX = 64 * 1024;

/** Rows of each list in one report; what is beyond waits for the next one or is counted as lost. */
export const ROWS_MAX = 1_000;

/** Proposals in one report. */
export const PROPOSALS_MAX = 200;

/** Elements in quarantine at once, and entries of one revocation list. */
export const LIST_MAX = 10_000;

/** Characters of a free text: a message, a piece of evidence. */
export const TEXT_MAX = 500;

/** Characters of a name or an address. */
export const NAME_MAX = 256;

/** Characters of a certificate or a bundle. */
export const PEM_MAX = 64 * 1024;

/** Characters of a signed statement. */
export const JWS_MAX = 4 * 1024;

/** Characters of a signed statement that holds a list of `LIST_MAX` elements. */
export const LIST_STATEMENT_MAX = 12 * 1024 * 1024;

/** Entries of a revocation list: as many as one is read with. */
export const REVOKED_MAX = 100_000;
