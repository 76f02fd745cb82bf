// The route table: every area of the API, one file each. An area that is added here needs handlers in the API room, or nothing compiles.

import { domainRoutes } from './domains.ts';
import { healthRoutes } from './health.ts';
import { meRoutes } from './me.ts';

export const routes = {
  health: healthRoutes,
  me: meRoutes,
  domains: domainRoutes,
} as const;

export type Routes = typeof routes;
