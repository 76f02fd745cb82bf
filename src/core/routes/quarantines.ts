// Routes of quarantines: elements that are cut off at once, until a time or until they are released.

import * as z from 'zod';
import { changeErrors, domainParams, entryId } from './changes.ts';
import { quarantineView } from './elements.ts';
import type { ErrorKinds } from './error-kinds.ts';
import { json, nothing, route } from './route.ts';
import { domainId, freeText, pageOf, pageQuery } from './values.ts';

const READ = { kind: 'role', role: 'viewer', scope: 'quarantines:read' } as const;
const WRITE = { kind: 'role', role: 'operator', scope: 'quarantines:write' } as const;
/** A year: what is longer belongs into the policy. */
const SECONDS_MAX = 366 * 86_400;
const REASON_CHARS_MAX = 500;

const EXAMPLE = {
  element: 'cam-lobby',
  since: '2026-11-25T08:00:00.000Z',
  until: '2026-11-25T09:00:00.000Z',
  reason: 'scans the office',
  by: 'Ada',
};

const quarantineErrors = {
  'PICKET-C703': changeErrors['PICKET-C703'],
  'PICKET-C720': {
    status: 409,
    title: 'the element is safety-critical',
    page: [
      'Somebody may depend on an element that is marked safety: critical. Picket never cuts it off by itself, and a person has to say that it has to be. Nothing was changed.',
      'Say so with --force. The role approver is needed for that.',
    ],
  },
  'PICKET-C721': {
    status: 409,
    title: 'too many elements are in quarantine',
    page: [
      'One list of a domain holds 10,000 elements. Nothing was changed.',
      'Release some, or change the policy instead.',
    ],
  },
} as const satisfies ErrorKinds;

export const quarantineRoutes = {
  list: route({
    method: 'GET',
    path: '/v1/domains/{domain}/quarantines',
    summary: 'Lists the elements in quarantine',
    access: READ,
    params: domainParams,
    query: pageQuery({}),
    answer: json(pageOf(quarantineView), { items: [EXAMPLE], next: null }),
  }),
  put: route({
    method: 'PUT',
    path: '/v1/domains/{domain}/quarantines/{element}',
    summary: 'Puts an element in quarantine: everything from and to it is denied at once',
    access: WRITE,
    params: z.strictObject({ domain: domainId, element: entryId }),
    body: z.strictObject({
      seconds: z
        .int()
        .min(1)
        .max(SECONDS_MAX)
        .nullable()
        .default(null)
        .meta({ description: 'null: until it is released' }),
      reason: freeText(REASON_CHARS_MAX).default('by hand'),
      isForced: z.boolean().default(false).meta({ description: 'also where the element is safety-critical' }),
    }),
    bodyExample: { seconds: 3_600, reason: 'scans the office' },
    answer: json(quarantineView, EXAMPLE),
    errors: quarantineErrors,
  }),
  end: route({
    method: 'DELETE',
    path: '/v1/domains/{domain}/quarantines/{element}',
    summary: 'Releases an element from quarantine',
    access: WRITE,
    params: z.strictObject({ domain: domainId, element: entryId }),
    answer: nothing,
    errors: {
      'PICKET-C722': {
        status: 404,
        title: 'the element is not in quarantine',
        page: ['There is nothing to release. Nothing was changed.', 'picket elements ls shows who is.'],
      },
    },
  }),
} as const;
