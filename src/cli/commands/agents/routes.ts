// `picket agents`: the agents of a domain, as the controller knows them. The agent of this machine is `picket agent`.

import { buildRouteMap } from '@stricli/core';
import { listCommand, showCommand } from './agents.ts';

export const agentsRoutes = buildRouteMap({
  routes: { ls: listCommand, show: showCommand },
  docs: { brief: "See a domain's agents and what each has in force" },
});
