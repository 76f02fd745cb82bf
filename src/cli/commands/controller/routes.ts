// The commands below `picket controller`: one file each beside this one, and one line here.

import { buildRouteMap } from '@stricli/core';
import { runCommand } from './run.ts';

export const controllerRoutes = buildRouteMap({
  routes: { run: runCommand },
  docs: { brief: 'Run, start, end and look at a controller' },
});
