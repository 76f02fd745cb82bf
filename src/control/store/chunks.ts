// Many rows in pieces that one statement takes. Nothing else.

/** Rows of one insert: far below the 32,766 values that SQLite takes in one statement. */
const CHUNK_ROWS = 500;

export function chunks<Value>(rows: readonly Value[]): readonly (readonly Value[])[] {
  const parts: (readonly Value[])[] = [];
  for (let at = 0; at < rows.length; at += CHUNK_ROWS) parts.push(rows.slice(at, at + CHUNK_ROWS));
  return parts;
}
