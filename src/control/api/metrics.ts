// Handler of metrics. What they are is the events room's, and when they are read the controller's.

import type { AreaHandlers, metricsRoutes } from '#routes';

export function metricsHandlers(text: () => Promise<string>): AreaHandlers<typeof metricsRoutes> {
  return {
    show: async () => ({ value: { mediaType: 'text/plain', name: null, content: await text() } }),
  };
}
