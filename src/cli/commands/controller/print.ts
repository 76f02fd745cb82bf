// A controller that runs, in words.

import type { Running } from '#controller';
import type { Desk } from '../../context.ts';
import { fact } from '../../live/status-print.ts';
import { listText, whenText } from '../../live/words.ts';
import { safeText } from '../../output/text.ts';

const DOMAINS_SHOWN = 5;

export function printRunning(desk: Pick<Desk, 'io' | 'paper'>, running: Running): void {
  const { url, domains, agentsPort, store, pid, since, states, health } = running;
  fact(desk, 'console', url);
  fact(desk, 'domains', listText(domains, DOMAINS_SHOWN));
  fact(
    desk,
    'agents',
    agentsPort === null ? 'no port' : `port ${agentsPort}: picket tokens enrol makes a link to join by`,
  );
  fact(desk, 'store', store === 'sqlite' ? 'a file of its own' : 'PostgreSQL');
  fact(desk, 'process', `${pid}, since ${whenText(since)}`);
  if (states.length === 0) fact(desk, 'health', health);
  for (const { code, message, help, severity } of states)
    fact(
      desk,
      severity === 'error' ? 'FAILED' : 'ATTENTION',
      safeText(`${message} [${code}]${help === null ? '' : `: ${help}`}`),
    );
}
