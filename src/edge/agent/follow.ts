// Records as they are followed: each row as it is shown. Not the lists.

import { flowView } from './flow-book.ts';
import type { Parts } from './parts.ts';
import { findingView, nameView } from './record-handlers.ts';
import type { Follow } from './server.ts';
import { verdictView } from './verdict-book.ts';

export function follower({ monitor, findings }: Parts): Follow {
  return (name, told) => {
    switch (name) {
      case 'flows':
        return monitor.flows.ring.follow((row) => told(flowView(row, monitor.ends)));
      case 'verdicts':
        return monitor.verdicts.ring.follow((row) => told(verdictView(row, monitor.ends)));
      case 'names':
        return monitor.names.follow((row) => told(nameView(row, monitor.ends)));
      case 'findings':
        return findings.follow((row) => told(findingView(row)));
    }
  };
}
