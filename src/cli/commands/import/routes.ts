// The commands below `picket import`: one file per foreign language beside this one, and one line here.

import { buildRouteMap } from '@stricli/core';
import { importMudCommand } from './mud.ts';

export const importRoutes = buildRouteMap({
  routes: {
    mud: importMudCommand,
  },
  docs: { brief: 'Make a policy of what other systems permit' },
});
