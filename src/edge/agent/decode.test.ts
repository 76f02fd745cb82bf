// Requests as they may arrive: what fits, and what is refused without a guess.

import { expect, it } from 'vitest';
import { bodyOf, DECODERS, isRequestName } from './decode.ts';

it.each(['', '{}'])('reads %j as nothing', (text) => {
  expect(DECODERS.status(bodyOf(text))).toEqual({});
});

it.each(['x', '[]', 'null', '"a"', '1', '{'])('refuses %s as a body', (text) => {
  expect(() => bodyOf(text)).toThrow(/is no JSON object/);
});

it.each([
  ['mode', { selector: 'cam', mode: 'enforce' }],
  ['mode', { selector: 'cam', mode: 'observe', confirmSeconds: 0, isPlanOnly: true }],
  ['protect', { service: 'ssh' }],
  ['protect', { service: 'ssh', element: 'nvr', allow: ['a', 'b'] }],
  ['label', { element: 'a', labels: { x: 'y', z: null } }],
  ['logon', { element: 'a', factors: ['person', 'device'] }],
  ['flows', { count: 10 }],
  ['down', { isPurge: true }],
] as const)('%s takes %j as it is', (name, takes) => {
  expect(DECODERS[name](bodyOf(JSON.stringify(takes)))).toEqual(takes);
});

it.each([
  ['mode', { selector: 'cam' }],
  ['mode', { selector: 'cam', mode: 'off' }],
  ['mode', { mode: 'observe' }],
  ['mode', { selector: 'cam', mode: 'observe', confirmSeconds: -1 }],
  ['mode', { selector: 'cam', mode: 'observe', confirmSeconds: 1.5 }],
  ['mode', { selector: 'cam', mode: 'observe', isPlanOnly: 'yes' }],
  ['protect', { service: '' }],
  ['protect', { service: 'ssh', allow: 'everybody' }],
  ['protect', { service: 'ssh', allow: [1] }],
  ['label', { element: 'a', labels: ['x'] }],
  ['label', { element: 'a', labels: { x: 1 } }],
  ['logon', { element: 'a', factors: [] }],
  ['logon', { element: 'a', factors: ['face'] }],
  ['ticket', { from: 'a', service: 'b' }],
  ['flows', { count: '10' }],
] as const)('%s refuses %j', (name, takes) => {
  expect(() => DECODERS[name](bodyOf(JSON.stringify(takes)))).toThrow(/nothing was changed/);
});

it.each(['toString', '__proto__', 'constructor', 'STATUS', ''])('knows no request "%s"', (name) => {
  expect(isRequestName(name)).toBe(false);
});
