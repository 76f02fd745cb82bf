// Chooses the bus by where the data is.

import { LocalBus } from './local.ts';
import type { PostgresBusOptions } from './postgres.ts';
import type { Bus } from './types.ts';

/** With no URL the data is this process's alone, and so is the bus. */
export async function openBus({
  url,
  ...options
}: Omit<PostgresBusOptions, 'url'> & { readonly url: string | null }): Promise<Bus> {
  if (url === null) return new LocalBus(options);
  // Loaded here alone, with the driver: a controller with a file of its own has no use for it.
  const { PostgresBus } = await import('./postgres.ts');
  const bus = new PostgresBus({ ...options, url });
  try {
    await bus.open();
  } catch (error) {
    await bus.close();
    throw error;
  }
  return bus;
}
