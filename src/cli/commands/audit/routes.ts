// `picket audit`: the ledger read, verified and exported, from the folder of a controller, also while it runs, or over its API. Nothing is written to it.

import { buildRouteMap } from '@stricli/core';
import { checkpointCommand } from './checkpoint.ts';
import { exportCommand } from './export.ts';
import { listCommand } from './ls.ts';
import { verifyCommand } from './verify.ts';

export const auditRoutes = buildRouteMap({
  routes: { ls: listCommand, verify: verifyCommand, export: exportCommand, checkpoint: checkpointCommand },
  docs: { brief: 'Read, verify and export the ledger: who changed what' },
});
