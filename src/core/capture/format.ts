// Tells the format of an input from its first bytes. Not a parser: only the magic numbers are looked at.

/** Files of packets. */
export type CaptureFormat = 'pcap' | 'pcapng' | 'snoop';

export type Format = 'gzip' | CaptureFormat | 'text' | 'empty' | 'unknown';

/** Bytes that tell one format from another; the longest magic number is checked whole where there is more. */
export const MAGIC_BYTES = 4;

/** Magic numbers as they stand in the file: pcap microseconds, nanoseconds and modified in both byte orders; pcapng; snoop. */
const MAGICS: readonly { readonly format: CaptureFormat; readonly bytes: readonly number[] }[] = [
  { format: 'pcap', bytes: [0xd4, 0xc3, 0xb2, 0xa1] },
  { format: 'pcap', bytes: [0xa1, 0xb2, 0xc3, 0xd4] },
  { format: 'pcap', bytes: [0x4d, 0x3c, 0xb2, 0xa1] },
  { format: 'pcap', bytes: [0xa1, 0xb2, 0x3c, 0x4d] },
  { format: 'pcap', bytes: [0x34, 0xcd, 0xb2, 0xa1] },
  { format: 'pcap', bytes: [0xa1, 0xb2, 0xcd, 0x34] },
  { format: 'pcapng', bytes: [0x0a, 0x0d, 0x0d, 0x0a] },
  { format: 'snoop', bytes: [0x73, 0x6e, 0x6f, 0x6f, 0x70, 0, 0, 0] },
];

/** Part of this magic number is a word that a text may begin with. */
const SNOOP_BYTES = 8;

/** Text is judged on this many bytes: enough to meet a zero byte in anything binary. */
const TEXT_BYTES = 512;

/** The format of the input that begins with `head`; a few hundred bytes are enough. */
export function detectFormat(head: Uint8Array): Format {
  if (head.length === 0) return 'empty';
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const capture = captureFormat(head);
  if (capture !== null && head.length >= (capture === 'snoop' ? SNOOP_BYTES : MAGIC_BYTES)) return capture;
  return isText(head) ? 'text' : 'unknown';
}

/** The capture format whose magic number `head` begins with, or, when shorter, is the beginning of. */
export function captureFormat(head: Uint8Array): CaptureFormat | null {
  const known = MAGICS.find(({ bytes }) => bytes.every((byte, at) => at >= head.length || head[at] === byte));
  return known?.format ?? null;
}

function isText(head: Uint8Array): boolean {
  for (const byte of head.subarray(0, TEXT_BYTES)) {
    const isControl = byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d;
    if (isControl || byte === 0x7f) return false;
  }
  return true;
}
