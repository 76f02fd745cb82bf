// The commands below `picket export`: one file per foreign language beside this one, and one line here.

import { buildRouteMap } from '@stricli/core';
import { exportMudCommand } from './mud.ts';

export const exportRoutes = buildRouteMap({
  routes: {
    mud: exportMudCommand,
  },
  docs: { brief: 'Write what a policy permits for other systems' },
});
