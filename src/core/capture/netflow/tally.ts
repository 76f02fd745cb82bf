// Counts of what exporters sent: messages and records read, lost, late, unreadable, left out. Bounded, whatever was sent.

/** Different reasons kept; others are counted under OTHER. */
const REASONS_MAX = 100;
const OTHER = 'other reasons';

export interface ExportCounts {
  messages: number;
  /** Flow records read; one with both directions counts once. */
  records: number;
  optionRecords: number;
  templates: number;
  /** Missing by the exporters' own sequence numbers; NetFlow v9 numbers messages, the others records. */
  lostRecords: number;
  lostMessages: number;
  /** Messages that were overtaken; what was counted as lost before them is taken back. */
  lateMessages: number;
  /** Sets of data whose template never came. */
  setsWithoutTemplate: number;
  /** Records metered by sampling; their numbers stand as the exporter sent them. */
  sampledRecords: number;
  /** Records of packets that an earlier record tells of, metered on the other side of the same device. */
  meteredTwice: number;
}

export class ExportTally implements ExportCounts {
  messages = 0;
  records = 0;
  optionRecords = 0;
  templates = 0;
  lostRecords = 0;
  lostMessages = 0;
  lateMessages = 0;
  setsWithoutTemplate = 0;
  sampledRecords = 0;
  meteredTwice = 0;
  readonly skipped = new Map<string, number>();
  readonly unread = new Map<string, number>();
  /** Number of the message that each reason was met in first. */
  readonly firstUnread = new Map<string, number>();

  /** A record that tells no flow, and why. */
  skip(reason: string): void {
    add(this.skipped, reason);
  }

  /** A message or set that cannot be read, and why. */
  reject(reason: string): void {
    add(this.unread, reason);
    if (this.unread.has(reason) && !this.firstUnread.has(reason)) this.firstUnread.set(reason, this.messages);
  }

  get unreadCount(): number {
    return [...this.unread.values()].reduce((sum, count) => sum + count, 0);
  }
}

function add(counts: Map<string, number>, reason: string): void {
  const known = counts.has(reason) || counts.size < REASONS_MAX ? reason : OTHER;
  counts.set(known, (counts.get(known) ?? 0) + 1);
}
