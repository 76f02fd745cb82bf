// Route of backups: the whole state of a controller as one file. Not the restoring, which needs an empty place and no controller.

import type { ErrorKinds } from './error-kinds.ts';
import { file, route } from './route.ts';

/** Their pages are the store's. */
const backupErrors = {
  'PICKET-C125': {
    status: 409,
    title: 'another backup is being made',
    page: ['One at a time: each holds back the clean-up of the log while it copies. Nothing was changed.'],
  },
} as const satisfies ErrorKinds;

export const backupRoutes = {
  make: route({
    method: 'GET',
    path: '/v1/backup',
    summary: 'Backs the controller up while it runs',
    detail:
      'Database, ledger and keys of every domain, of one moment, gzipped, with a checksum in its last line: a file that was cut on its way is refused by picket restore. Keep it like the keys.',
    access: { kind: 'role', role: 'owner', scope: 'controller:write', isFresh: true },
    answer: file('application/gzip'),
    errors: backupErrors,
  }),
} as const;
