// What was dropped at the ports, as the kernel counts it. Not a finding: whether it matters is decided elsewhere.

import { macText, parseMac } from '#model';
import { itemsAt, numberAt, parseText } from './json.ts';
import { PORT_REASONS, type PortReason, SPOOFING_MARK } from './sets.ts';

/** Frames that were dropped at a port, by sender and reason, since the first of them. */
export interface Violation {
  readonly port: string;
  readonly mac: string;
  readonly reason: PortReason;
  readonly packets: number;
  readonly bytes: number;
}

/** Reads what `nft -j list set` printed; what is no violation is passed over. */
export function readViolations(text: string): readonly Violation[] {
  const parsed = parseText(text);
  const sets = (itemsAt(parsed, 'nftables') ?? []).flatMap((item) => itemsAt(item, 'set', 'elem') ?? []);
  return sets.flatMap((item) => readViolation(item) ?? []);
}

function readViolation(item: unknown): Violation | null {
  const [port, mac, mark] = itemsAt(item, 'elem', 'val', 'concat') ?? [];
  const packets = numberAt(item, 'elem', 'counter', 'packets');
  const bytes = numberAt(item, 'elem', 'counter', 'bytes');
  const reason = reasonOf(Number(mark));
  const value = typeof mac === 'string' ? parseMac(mac) : null;
  if (typeof port !== 'string' || value === null || reason === null || packets === null || bytes === null) return null;
  return { port, mac: macText(value), reason, packets, bytes };
}

/** The reason in a logged or counted mark, null where it is no mark of a port. */
export function reasonOf(mark: number): PortReason | null {
  const number = mark - SPOOFING_MARK;
  for (const reason in PORT_REASONS) if (isReason(reason) && PORT_REASONS[reason] === number) return reason;
  return null;
}

function isReason(reason: string): reason is PortReason {
  return Object.hasOwn(PORT_REASONS, reason);
}
