// The commands below `picket controller`: one file each beside this one, and one line here.

import { buildRouteMap } from '@stricli/core';
import { doctorCommand } from './doctor.ts';
import { downCommand } from './down.ts';
import { recoverCommand } from './recover.ts';
import { runCommand } from './run.ts';
import { statusCommand } from './status.ts';
import { upCommand } from './up.ts';

export const controllerRoutes = buildRouteMap({
  routes: {
    run: runCommand,
    up: upCommand,
    down: downCommand,
    status: statusCommand,
    doctor: doctorCommand,
    recover: recoverCommand,
  },
  docs: { brief: 'Run, start, end and look at a controller' },
});
