// Door of the bus: tells every controller of a database that something changed.
// In: a topic and a small payload. Out: the same at every subscriber of every controller, its own included, and word when some may have been lost.
// Never: the change itself (that is in the store); a promise that each message arrives (a subscriber reads the store anew when it is told of a loss).

export { LocalBus } from './local.ts';
export { openBus } from './open.ts';
export type { PostgresBusOptions } from './postgres.ts';
export { type Bus, type BusMessage, PAYLOAD_BYTES_MAX, TOPICS, type Topic } from './types.ts';
