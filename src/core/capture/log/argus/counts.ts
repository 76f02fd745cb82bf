// Counts of an argus record by direction, and who began by its arrow. Not a reader of cells: columns.ts.

import type { ArgusColumn } from './columns.ts';

interface Amount {
  readonly packets: number;
  readonly bytes: number;
}

interface ArgusCounts {
  readonly sent: Amount;
  readonly received: Amount;
}

/**
 * Packets and bytes of each direction; null where there are none. Totals stay exact. Where only the total of packets is told (the CTU
 * spelling), they are shared out by the bytes of each direction, one at least for a direction that has any: the only estimate made here.
 */
export function countsOf(count: (column: ArgusColumn) => number | null): ArgusCounts | null {
  const bytes = split(count('sourceBytes'), count('destinationBytes'), count('bytes'));
  const packets = split(count('sourcePackets'), count('destinationPackets'), count('packets'));
  if (bytes === null || packets === null) return null;
  const sentBytes = bytes.sent ?? bytes.total;
  const receivedBytes = bytes.total - sentBytes;
  const sentPackets = packets.sent ?? shared(packets.total, sentBytes, receivedBytes);
  return {
    sent: { packets: sentPackets, bytes: sentBytes },
    received: { packets: packets.total - sentPackets, bytes: receivedBytes },
  };
}

/** The total and, where it is told, the part of the source; null when neither is there or they contradict each other. */
function split(
  source: number | null,
  destination: number | null,
  total: number | null,
): { readonly total: number; readonly sent: number | null } | null {
  const sum = total ?? (source === null || destination === null ? source : source + destination);
  if (sum === null) return null;
  const sent = source ?? (destination === null ? null : sum - destination);
  return sent !== null && (sent > sum || sent < 0) ? null : { total: sum, sent };
}

function shared(packets: number, sentBytes: number, receivedBytes: number): number {
  if (sentBytes === 0 && receivedBytes > 0) return 0;
  if (receivedBytes === 0 || packets < 2) return packets;
  const share = Math.round((packets * sentBytes) / (sentBytes + receivedBytes));
  return Math.min(Math.max(share, 1), packets - 1);
}

/** The first column is who began as argus saw it, but for a question mark (it cannot tell) and an arrow that only points back. */
export function initiatorOf(arrow: string): 0 | 1 | 2 {
  if (arrow.includes('?')) return 0;
  return arrow.startsWith('<') && !arrow.endsWith('>') ? 2 : 1;
}
