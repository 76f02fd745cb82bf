// Routes of services: what the policy names, who uses it, and the protecting of one on an element.

import * as z from 'zod';
import { changeAnswer, changeErrors, changeExample, changeHow, domainParams, entryId, lineText } from './changes.ts';
import { json, route } from './route.ts';
import { domainId, pageOf, pageQuery } from './values.ts';

const READ = { kind: 'role', role: 'viewer', scope: 'services:read' } as const;
const WRITE = { kind: 'role', role: 'approver', scope: 'services:write' } as const;

const ALLOWED_MAX = 64;

const serviceView = z
  .object({
    id: z.string(),
    text: z.string().meta({ description: 'protocol, ports, application, and where it is offered' }),
    isLogonRequired: z.boolean(),
    rules: z.array(z.string()),
    enforcedOn: z.array(z.string()),
    openings: z.int(),
    peers: z.array(z.object({ from: z.string(), openings: z.int() })),
  })
  .meta({ id: 'Service' });

const SERVICE: z.input<typeof serviceView> = {
  id: 'rtsp',
  text: 'tcp/554 (rtsp) on role=recorder',
  isLogonRequired: false,
  rules: ['cameras-stream'],
  enforcedOn: ['nvr'],
  openings: 4_096,
  peers: [{ from: 'cam-lobby', openings: 2_048 }],
};

const serviceName = lineText.meta({
  description: 'service of the policy, well-known name, or port such as 22 or 53/udp',
});

export const serviceRoutes = {
  list: route({
    method: 'GET',
    path: '/v1/domains/{domain}/services',
    summary: 'Lists the services of the policy, and who uses them',
    access: READ,
    params: domainParams,
    query: pageQuery({}),
    answer: json(pageOf(serviceView), { items: [SERVICE], next: null }),
  }),
  show: route({
    method: 'GET',
    path: '/v1/domains/{domain}/services/{service}',
    summary: 'Shows one service',
    access: READ,
    params: z.strictObject({ domain: domainId, service: entryId.meta({ examples: ['rtsp'] }) }),
    answer: json(serviceView, SERVICE),
  }),
  protect: route({
    method: 'POST',
    path: '/v1/domains/{domain}/protections',
    summary: 'Protects a service of an element',
    access: WRITE,
    params: domainParams,
    body: z.strictObject({
      service: serviceName,
      element: entryId,
      allow: z
        .union([z.enum(['seen', 'nobody']), z.array(serviceName).min(1).max(ALLOWED_MAX)])
        .default('seen')
        .meta({
          description: 'whom a new rule admits, where no rule speaks of the service: those seen, nobody, or these',
        }),
      ...changeHow,
    }),
    bodyExample: { service: 'ssh', element: 'nvr' },
    answer: json(changeAnswer, changeExample),
    errors: changeErrors,
  }),
  unprotect: route({
    method: 'POST',
    path: '/v1/domains/{domain}/protections/end',
    summary: 'Ends the protection of a service of an element',
    access: WRITE,
    params: domainParams,
    body: z.strictObject({ service: serviceName, element: entryId, ...changeHow }),
    bodyExample: { service: 'ssh', element: 'nvr' },
    answer: json(changeAnswer, changeExample),
    errors: changeErrors,
  }),
} as const;
