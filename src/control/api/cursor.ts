// Cursors of lists: the last row of a page as an opaque word. Not the pages.

/** Null for what no page gave. */
export function readCursor(cursor: string | undefined): string | null {
  return cursor === undefined ? null : Buffer.from(cursor, 'base64url').toString('utf8');
}

export function writeCursor(row: string | null): string | null {
  return row === null ? null : Buffer.from(row, 'utf8').toString('base64url');
}
