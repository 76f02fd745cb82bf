// Reads numbers, addresses and times of exported fields. Big-endian, as everything in NetFlow and IPFIX.

import { addressText, type Instant, SECOND } from '#model';
import { u32 } from '../inspect/bytes.ts';

/** Unsigned of 1 to 8 bytes (reduced-size encoding is allowed); what exceeds exact doubles stays at their end. NaN for any other length. */
export function numberAt(data: Uint8Array, at: number, length: number): number {
  if (length < 1 || length > 8) return Number.NaN;
  let value = 0;
  for (let index = at; index < at + length; index++) value = value * 256 + (data[index] ?? 0);
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

/** Text of the IPv4 address at `at`. */
export function fourAt(data: Uint8Array, at: number): string {
  return `${data[at] ?? 0}.${data[at + 1] ?? 0}.${data[at + 2] ?? 0}.${data[at + 3] ?? 0}`;
}

/** Text of an address of 4 or 16 bytes; '' for any other length. */
export function addressAt(data: Uint8Array, at: number, length: number): string {
  if (length === 4) return fourAt(data, at);
  return length === 16 ? addressText(data.slice(at, at + 16)) : '';
}

/** Seconds from 1900 (NTP) to 1970. */
const NTP_SECONDS = 2_208_988_800;

/** An NTP time of 8 bytes, as dateTimeMicroseconds and dateTimeNanoseconds have it (RFC 7011, 6.1.9), to the nearest microsecond. */
export function ntpAt(data: Uint8Array, at: number): Instant {
  const fraction = Math.round((u32(data, at + 4) * SECOND) / 2 ** 32);
  return (u32(data, at) - NTP_SECONDS) * SECOND + fraction;
}

/**
 * Instant of an uptime in milliseconds, told by the uptime and instant of its message. The difference is taken in 32 bits, so that an
 * uptime that wrapped (after 49.7 days) between the two is no trap; flows longer than 24.8 days would be.
 */
export function instantOfUptime(uptime: number, message: { readonly uptime: number; readonly at: Instant }): Instant {
  return message.at - ((message.uptime - uptime) | 0) * 1_000;
}
