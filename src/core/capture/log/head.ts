// The first bytes of a file as text, which is what a log's format is told by. Not a reader.

/** Bytes of a file that are enough to tell it by. */
const HEAD_BYTES = 65_536;

/** The head as text, without a byte order mark. */
export function headText(head: Uint8Array): string {
  return new TextDecoder().decode(head.subarray(0, HEAD_BYTES));
}

/** The first line that is not blank, '' where there is none. */
export function firstLine(head: Uint8Array): string {
  return (
    headText(head)
      .split(/\r?\n/)
      .find((line) => line.trim() !== '') ?? ''
  );
}

/** The head of a file that begins as JSON does; '' for any other. */
export function jsonHead(head: Uint8Array): string {
  const text = headText(head).trimStart();
  return text.startsWith('{') || text.startsWith('[') ? text : '';
}
