// Routes about the controller itself: whether it is well, and its own description. Not the health of single domains.

import * as z from 'zod';
import { file, json, route } from './route.ts';
import { freeText, time } from './values.ts';

const CODE = /^PICKET-[A-Z]\d{3}$/;

/** One thing that is not well, with the way out. */
export const healthState = z.object({
  code: z.string(),
  severity: z.enum(['warning', 'error']),
  message: z.string(),
  help: z.string().nullable(),
  since: time.nullable(),
});

export const healthRoutes = {
  live: route({
    method: 'GET',
    path: '/v1/health',
    summary: 'Says whether the controller works',
    detail:
      'For load balancers and scripts. States and their reasons are told to those who are logged on: see /v1/health/states.',
    access: { kind: 'open' },
    answer: json(z.object({ status: z.enum(['well', 'impaired', 'failed']) }), { status: 'well' }),
  }),
  states: route({
    method: 'GET',
    path: '/v1/health/states',
    summary: 'Lists what is not well, with the way out',
    access: { kind: 'logged-on' },
    answer: json(
      z.object({
        status: z.enum(['well', 'impaired', 'failed']),
        version: z.string(),
        states: z.array(healthState).max(200),
      }),
      { status: 'well', version: '0.1.0', states: [] },
    ),
  }),
  document: route({
    method: 'GET',
    path: '/v1/openapi.json',
    summary: 'Describes this API as OpenAPI 3.1',
    access: { kind: 'open' },
    answer: file('application/json'),
  }),
  explain: route({
    method: 'GET',
    path: '/v1/problems/{code}',
    summary: 'Explains the code of a problem',
    access: { kind: 'open' },
    params: z.strictObject({
      code: z
        .string()
        .max(11)
        .regex(CODE)
        .meta({ examples: ['PICKET-C412'] }),
    }),
    answer: json(z.object({ code: z.string(), text: freeText(10_000) }), {
      code: 'PICKET-C412',
      text: 'PICKET-C412: it was changed meanwhile',
    }),
  }),
} as const;
