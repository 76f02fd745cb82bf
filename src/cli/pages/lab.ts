// Pages of `picket explain` for the lab's live site (PICKET-A03…). Data only.

import { page } from './page.ts';

export const LAB_PAGES: readonly (readonly [string, string])[] = [
  page('PICKET-A030', 'a piece of the lab failed', [
    'The live site is made by lab/live.sh of the checkout from real programs in network namespaces; the message is what it said last. It needs root and the Debian packages of lab/packages.txt, and names those that are missing.',
    'What it had begun is taken away by: picket lab down',
    'Exit code 1 (failed).',
  ]),
  page('PICKET-A031', 'the lab has no policy to put in force yet', [
    'The agent of the lab proposes what it saw, and a conversation that the lab adds a limit to was not among it. Nothing was changed.',
    'Let the site work, a few days at least: picket lab work 3',
    'Exit code 7 (refused for safety).',
  ]),
];
