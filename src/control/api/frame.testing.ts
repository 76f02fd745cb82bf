// A small table with a route of every kind, for tests of the frame.

import * as z from 'zod';
import { events, file, json, nothing, pageOf, pageQuery, redirect, route } from '#routes';

const thing = z.object({ name: z.string() });
const name = z.strictObject({ name: z.string().max(20) });
const EXAMPLE = { name: 'x' };

export const table = {
  things: {
    list: route({
      method: 'GET',
      path: '/v1/things',
      summary: 'Lists things',
      access: { kind: 'logged-on' },
      query: pageQuery({}),
      answer: json(pageOf(thing), { items: [], next: null }),
    }),
    show: route({
      method: 'GET',
      path: '/v1/things/{name}',
      summary: 'Shows a thing',
      access: { kind: 'logged-on' },
      params: name,
      answer: json(thing, EXAMPLE),
    }),
    change: route({
      method: 'PUT',
      path: '/v1/things/{name}',
      summary: 'Changes a thing',
      access: { kind: 'logged-on' },
      params: name,
      body: name,
      bodyExample: EXAMPLE,
      ifMatch: 'needed',
      answer: json(thing, EXAMPLE),
    }),
    remove: route({
      method: 'DELETE',
      path: '/v1/things/{name}',
      summary: 'Removes a thing',
      access: { kind: 'logged-on' },
      params: name,
      answer: nothing,
    }),
    own: route({
      method: 'POST',
      path: '/v1/own',
      summary: 'Changes what is my own',
      access: { kind: 'self' },
      body: name,
      bodyExample: EXAMPLE,
      answer: nothing,
    }),
    open: route({
      method: 'POST',
      path: '/v1/open',
      summary: 'Answers anybody',
      access: { kind: 'open' },
      body: name,
      bodyExample: EXAMPLE,
      bodyBytesMax: 1_000,
      answer: json(thing, EXAMPLE),
    }),
    broken: route({
      method: 'GET',
      path: '/v1/broken',
      summary: 'Meets a bug',
      access: { kind: 'logged-on' },
      answer: nothing,
    }),
    away: route({
      method: 'GET',
      path: '/v1/away',
      summary: 'Misses its store',
      access: { kind: 'logged-on' },
      answer: nothing,
    }),
    text: route({
      method: 'GET',
      path: '/v1/text',
      summary: 'Sends a file',
      access: { kind: 'logged-on' },
      answer: file('text/csv'),
    }),
    torn: route({
      method: 'GET',
      path: '/v1/torn',
      summary: 'Sends a file that breaks off',
      access: { kind: 'logged-on' },
      answer: file('text/csv'),
    }),
    go: route({ method: 'GET', path: '/v1/go', summary: 'Leads on', access: { kind: 'open' }, answer: redirect }),
    follow: route({
      method: 'GET',
      path: '/v1/follow',
      summary: 'Follows numbers',
      access: { kind: 'logged-on' },
      answer: events(z.object({ number: z.int() }), { number: 1 }),
    }),
  },
} as const;
