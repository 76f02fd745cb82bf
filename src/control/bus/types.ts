// What the bus carries. Not how.

/** What may change; a message names ids and revisions, never contents. */
export const TOPICS = [
  'policies',
  'quarantines',
  'identities',
  'sessions',
  'agents',
  'flows',
  'findings',
  'elements',
] as const;
export type Topic = (typeof TOPICS)[number];

/** PostgreSQL carries less than 8,000 bytes in one notification. */
export const PAYLOAD_BYTES_MAX = 7_000;

export type BusMessage =
  | { readonly kind: 'told'; readonly payload: Readonly<Record<string, string | number>> }
  /** The connection was away: whatever the subscriber knows may be old. */
  | { readonly kind: 'lost' };

export interface Bus {
  /** Resolves when the message is on its way. Called after the change was committed: who is told reads the store. */
  publish(topic: Topic, payload: Readonly<Record<string, string | number>>): Promise<void>;
  /** The handler is called for each message of the topic, in their order; what it throws is told as a bug and keeps nobody else from the message. */
  subscribe(topic: Topic, handler: (message: BusMessage) => void): () => void;
  close(): Promise<void>;
}
