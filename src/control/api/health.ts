// Handlers about the controller itself. Not how its health is found out.

import { type AreaHandlers, errorKinds, type healthRoutes, notFound, routesPage } from '#routes';

export type HealthStatus = 'well' | 'impaired' | 'failed';

export interface HealthState {
  readonly code: string;
  readonly severity: 'warning' | 'error';
  readonly message: string;
  readonly help: string | null;
  /** ISO 8601 in UTC. */
  readonly since: string | null;
}

export interface HealthOptions {
  readonly version: string;
  readonly status: () => HealthStatus;
  readonly states: () => readonly HealthState[];
  /** The OpenAPI document as text. */
  readonly document: () => string;
  /** Pages of codes that no route refuses with (store, bus, ledger …). */
  readonly page?: (code: string) => string | null;
}

export function healthHandlers(options: HealthOptions): AreaHandlers<typeof healthRoutes> {
  const kinds = errorKinds();
  return {
    live: async () => ({ value: { status: options.status() } }),
    states: async () => ({
      value: { status: options.status(), version: options.version, states: [...options.states()] },
    }),
    document: async () => ({ value: { mediaType: 'application/json', name: null, content: options.document() } }),
    explain: async ({ params: { code } }) => {
      const text = kinds.has(code) ? routesPage(code) : (options.page?.(code) ?? null);
      if (text === null) throw notFound('a page for this code');
      return { value: { code, text } };
    },
  };
}
