// Pages of `picket explain` for commands of a running gateway: what the commands refuse (PICKET-A…). Those of the agent are in its room. Data only.

import { page } from './page.ts';

export const AGENT_PAGES: readonly (readonly [string, string])[] = [
  page('PICKET-A001', 'nobody was there to say yes', [
    'Every command that changes a running gateway shows its plan and asks. In a script or a pipe there is nobody to ask, and silence is no yes. Nothing was changed.',
    'Look at the plan with --dry-run; when it is right, add --yes.',
    'Exit code 7 (refused for safety).',
  ]),
  page('PICKET-A002', 'the change would deny your own connection', [
    'You are logged in over a connection that the new policy would not permit: you would be locked out as soon as it is in force. It was not applied.',
    'Add a rule for where you come from, or ask from the console of the machine. --lose-session goes on all the same; the change still reverts by itself unless it is confirmed from a new session.',
    'Exit code 7 (refused for safety).',
  ]),
  page('PICKET-A003', 'policy, table and kernel do not agree', [
    'The same connection was judged by the policy, by the compiled table and by the kernel, and the answers differ. They have to be the same: either somebody changed the table just now, or Picket has a bug.',
    'The kernel is what holds. Please report it with the output of --json.',
    'Exit code 1 (failed).',
  ]),
  page('PICKET-A004', 'there is no such element', [
    'The policy in force has no element of that name, and nobody who was seen has that id, MAC or address.',
    'Exit code 3 (not found).',
  ]),
  page('PICKET-A005', 'a gateway cannot begin here', [
    'Several checks of picket doctor fail; they are listed above the message, each with its code and its way out. Nothing was started and nothing was changed.',
    'Exit code 1 (failed).',
  ]),
  page('PICKET-A006', 'the agent did not begin', [
    'It was started and ended again, or did not put its table up in time. The last lines of its log are shown. What it had begun it took back, or its next start does.',
    'Exit code 1 (failed), 6 for picket agent wait.',
  ]),
  page('PICKET-A008', 'a controller cannot be started beside this agent', [
    'picket up --controller makes a controller for this machine, with a domain that its agent joins. This machine belongs to another domain already, or the folder holds a controller that was made by itself. Nothing was started.',
    'Start the agent alone (picket up), give the membership up first (picket leave), or choose another folder with --state and --socket.',
    'Exit code 7 (refused).',
  ]),
  page('PICKET-A007', 'the agent did not end', [
    'It took its table and settings back, and still answers after a minute.',
    'Exit code 8 (partly done).',
  ]),
];
