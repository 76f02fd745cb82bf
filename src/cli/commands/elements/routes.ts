// The commands below `picket elements`: one file each beside this one, and one line here.

import { buildRouteMap } from '@stricli/core';
import { approveCommand, labelCommand, rmCommand } from './change.ts';
import { lsCommand } from './ls.ts';
import { quarantineCommand, releaseCommand } from './quarantine.ts';
import { showCommand } from './show.ts';

export const elementsRoutes = buildRouteMap({
  routes: {
    ls: lsCommand,
    show: showCommand,
    approve: approveCommand,
    label: labelCommand,
    rm: rmCommand,
    quarantine: quarantineCommand,
    release: releaseCommand,
  },
  docs: { brief: 'See, take in, label, remove and quarantine elements' },
});
