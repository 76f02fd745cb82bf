// The commands below `picket export`: one file beside this one for each thing that is written for others, and one line here.

import { buildRouteMap } from '@stricli/core';
import { exportFlowsCommand } from './flows.ts';
import { exportMudCommand } from './mud.ts';

export const exportRoutes = buildRouteMap({
  routes: {
    mud: exportMudCommand,
    flows: exportFlowsCommand,
  },
  docs: { brief: 'Write what a policy permits, or what was recorded, for other systems' },
});
