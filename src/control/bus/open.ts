// Chooses the bus by where the data is.

import { LocalBus } from './local.ts';
import { PostgresBus, type PostgresBusOptions } from './postgres.ts';
import type { Bus } from './types.ts';

/** With no URL the data is this process's alone, and so is the bus. */
export async function openBus({
  url,
  ...options
}: Omit<PostgresBusOptions, 'url'> & { readonly url: string | null }): Promise<Bus> {
  if (url === null) return new LocalBus(options);
  const bus = new PostgresBus({ ...options, url });
  try {
    await bus.open();
  } catch (error) {
    await bus.close();
    throw error;
  }
  return bus;
}
