// The commands below `picket gateway`: one file each beside this one, and one line here.

import { buildRouteMap } from '@stricli/core';
import { compileCommand } from './compile.ts';

export const gatewayRoutes = buildRouteMap({
  routes: {
    compile: compileCommand,
  },
  docs: { brief: 'Show what the kernel of a gateway would hold' },
});
