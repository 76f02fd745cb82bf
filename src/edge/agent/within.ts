// Rows as far as a message has room for them, counted in bytes as they are sent: names and evidence come from strangers, and a report that is too long would
// be refused for ever. Not what becomes of the rest: whoever asks tells it in the next report.

/** At least the first row, so that a long one does not hold up the others; the wire bounds each text. */
export function within<Row>(rows: readonly Row[], { rowsMax, bytesMax }: Room): Row[] {
  let bytes = 0;
  const end = rows.slice(0, rowsMax).findIndex((row, at) => {
    bytes += Buffer.byteLength(JSON.stringify(row)) + 1;
    return at > 0 && bytes > bytesMax;
  });
  return rows.slice(0, end < 0 ? rowsMax : end);
}

export interface Room {
  readonly rowsMax: number;
  readonly bytesMax: number;
}
