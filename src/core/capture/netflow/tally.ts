// Counts of what exporters sent: messages and records read, lost, late, unreadable, left out. Bounded, whatever was sent.

/** Different reasons kept; others are counted under OTHER. */
const REASONS_MAX = 100;
const OTHER = 'other reasons';

export class ExportTally {
  messages = 0;
  /** Flow records read; one with both directions counts once. */
  records = 0;
  optionRecords = 0;
  templates = 0;
  /** Missing by the exporters' own sequence numbers; NetFlow v9 numbers messages, the others records. */
  lostRecords = 0;
  lostMessages = 0;
  /** Messages that were overtaken; what was counted as lost before them is taken back. */
  lateMessages = 0;
  /** Sets of data whose template never came. */
  setsWithoutTemplate = 0;
  /** Records metered by sampling; their numbers stand as the exporter sent them. */
  sampledRecords = 0;
  /** Records of packets that an earlier record tells of, metered on the other side of the same device. */
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

  /** Takes in the gap of `lostBefore`: what a late message adds was counted as lost when a later one came before it. */
  miss(of: 'lostRecords' | 'lostMessages', { gap, count }: { readonly gap: number; readonly count: number }): void {
    if (gap < 0) this.lateMessages++;
    this[of] = Math.max(0, this[of] + (gap < 0 ? -Math.max(0, count) : gap));
  }

  /** What the exporters' own numbers say is missing, in words; empty when nothing is. */
  get losses(): readonly string[] {
    return told([
      [this.lostRecords, 'record', 'missing by the sequence numbers'],
      [this.lostMessages, 'message', 'missing by the sequence numbers'],
      [this.setsWithoutTemplate, 'set', 'unread: the template never came'],
    ]);
  }

  /** What must be known to read the counts right. */
  get notes(): readonly string[] {
    return told([[this.sampledRecords, 'record', 'of sampled packets: counts stand as exported, not scaled']]);
  }

  /** Records that were left out on purpose, by reason. */
  get leftOut(): readonly { readonly reason: string; readonly count: number }[] {
    const all = new Map(this.skipped);
    if (this.meteredTwice > 0) all.set('packets metered on both sides of a device count once', this.meteredTwice);
    return [...all].map(([reason, count]) => ({ reason, count }));
  }

  get unreadCount(): number {
    return [...this.unread.values()].reduce((sum, count) => sum + count, 0);
  }
}

function add(counts: Map<string, number>, reason: string): void {
  const known = counts.has(reason) || counts.size < REASONS_MAX ? reason : OTHER;
  counts.set(known, (counts.get(known) ?? 0) + 1);
}

function told(counts: readonly (readonly [count: number, noun: string, what: string])[]): readonly string[] {
  return counts
    .filter(([count]) => count > 0)
    .map(([count, noun, what]) => (count === 1 ? `1 ${noun} is ${what}` : `${count} ${noun}s are ${what}`));
}
