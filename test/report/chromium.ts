// Finds the system's Chromium; nothing is ever downloaded.

import { existsSync } from 'node:fs';

/** Path of Debian's or another system Chromium, or null where there is none. */
export function chromiumPath(): string | null {
  const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return places.find((place) => existsSync(place)) ?? null;
}
