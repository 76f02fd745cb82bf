// A syslog message of RFC 5424. Pure. What comes from outside cannot end a field or a message.

export interface SyslogMessage {
  /** 0 emergency … 7 debug. */
  readonly severity: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly host: string;
  readonly text: string;
}

/** local use 0 is 16; security and authorisation is 4, which is what events are about. */
const FACILITY = 4;
const APPLICATION = 'picket';
const HOST_CHARACTERS_MAX = 255;
/** Receivers must take 480 octets and should take 2,048; collectors take far more. Longer events are cut. */
export const SYSLOG_BYTES_MAX = 64 * 1_024;
/** A datagram that does not fit one packet of most links is lost whole when a piece of it is. */
export const SYSLOG_DATAGRAM_BYTES_MAX = 8_192;

export function syslogMessage({ severity, at, host, text }: SyslogMessage, bytesMax = SYSLOG_BYTES_MAX): Buffer {
  const priority = FACILITY * 8 + severity;
  const head = `<${priority}>1 ${new Date(at).toISOString()} ${printable(host)} ${APPLICATION} - - - \ufeff`;
  // A line end would begin another message for receivers that count none.
  const whole = Buffer.from(head + text.replace(/[\r\n\0]+/g, ' '));
  return whole.length <= bytesMax ? whole : cut(whole, bytesMax);
}

/** At a whole character: a continuation byte of UTF-8 begins with the bits 10. */
function cut(bytes: Buffer, bytesMax: number): Buffer {
  let end = bytesMax;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}

/** Fields of the head are of printable ASCII without spaces; an empty one is a hyphen. */
function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '').slice(0, HOST_CHARACTERS_MAX) || '-';
}

/** Octet counting of RFC 6587 and RFC 5425: the length before each message. */
export function counted(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}
