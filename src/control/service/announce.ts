// Tells the bus of a change that is in the store and the ledger already. Not part of the change: it holds whether or not anybody is told.

import type { Topic } from '#bus';
import type { ServiceParts } from './parts.ts';

/** A bus that is away is trouble for the log: whoever is behind reads the store anew when it is back. */
export async function announce(
  parts: ServiceParts,
  topic: Topic,
  payload: Readonly<Record<string, string | number>>,
): Promise<void> {
  try {
    await parts.bus.publish(topic, payload);
  } catch (error) {
    parts.onTrouble(error);
  }
}
