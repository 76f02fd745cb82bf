// The route of metrics, at the path and in the form that Prometheus asks for. Names no peer and no person.

import { file, route } from './route.ts';

export const metricsRoutes = {
  show: route({
    method: 'GET',
    path: '/metrics',
    summary: 'Gives the numbers of this controller and of its domains in the text form of Prometheus',
    detail: 'Prometheus sends an API token with the scope controller:read as its bearer token.',
    access: { kind: 'role', role: 'viewer', scope: 'controller:read' },
    answer: file('text/plain'),
  }),
} as const;
