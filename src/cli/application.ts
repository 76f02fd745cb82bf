// How every application of picket is made: scanner, texts, help. Not which commands it has.

import { type Application, buildApplication, type RouteMap } from '@stricli/core';
import type { PicketContext } from './context.ts';
import { TEXT } from './words.ts';

/** Exit codes and streams are stricli's only where no command of ours ran; run.ts maps them to the contract. */
export function applicationOf(root: RouteMap<PicketContext>, version: string): Application<PicketContext> {
  return buildApplication(root, {
    name: 'picket',
    scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
    documentation: { caseStyle: 'convert-camel-to-kebab', onlyRequiredInUsageLine: true, disableAnsiColor: true },
    localization: { text: TEXT },
    versionInfo: { currentVersion: version },
  });
}
