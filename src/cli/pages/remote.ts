// Pages of `picket explain` for commands that speak to a controller (PICKET-C9…): contexts, certificates, logging on. What a controller refuses has its pages in the route table. Data only.

import { page } from './page.ts';

export const REMOTE_PAGES: readonly (readonly [string, string])[] = [
  page('PICKET-C900', 'you are logged on to no controller', [
    'The command needs a controller, and there is no current context. Nothing was done.',
    'Log on with: picket login URL',
    'Exit code 5 (not logged on or not allowed).',
  ]),
  page('PICKET-C901', 'there is no such context', [
    'A context is a controller that you logged on to, by a name of your own. picket context ls lists them.',
    'Exit code 3 (not found).',
  ]),
  page('PICKET-C902', 'the contexts cannot be read', [
    'They are in ~/.config/picket/contexts.json, or where PICKET_CONTEXTS says. The file is not what picket wrote, or no place for it is known. Nothing was done.',
    'Exit code 1 (failed).',
  ]),
  page('PICKET-C903', 'others may read your logons', [
    'The file of contexts holds secrets by which a controller believes that you are you. Its permissions let others read it, so it was not used: they may have copied it.',
    'Take it from them with chmod 600, end the sessions with picket sessions end --all, and log on anew.',
    'Exit code 7 (refused for safety).',
  ]),
  page('PICKET-C904', 'the address is not one of a controller', [
    'Addresses are like https://picket.example:7443; the scheme and the port may be left out. Other schemes, paths and passwords in the address are not taken.',
    'Exit code 2 (wrong usage).',
  ]),
  page('PICKET-C905', 'nobody vouches for the controller', [
    'Its certificate is from an authority that this system does not know, and nobody was there to compare the fingerprint, or it is another one than stated. Whoever answers may be anybody. Nothing was sent to it.',
    'Take the fingerprint from where the controller runs (picket controller status), and log on with --fingerprint, or with --ca FILE.',
    'Exit code 7 (refused for safety).',
  ]),
  page('PICKET-C906', 'the logon was not let in', [
    'The person said no in the browser, or the code was not approved in time. Codes hold for ten minutes and are used once. Nothing was kept.',
    'Exit code 5 (not logged on or not allowed).',
  ]),
  page('PICKET-C907', 'the token or the answer is not usable for this', [
    'An API token begins with "pkt_" and is shown once, when it is made. Nothing was kept.',
    'Exit code 2 (wrong usage).',
  ]),
  page('PICKET-C910', 'which domain is not stated', [
    'You have roles in several domains of this controller, and the context names none.',
    'Add --domain ID, or choose one for the context: picket context use NAME --domain ID',
    'Exit code 2 (wrong usage).',
  ]),
];
