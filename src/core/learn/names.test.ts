// Registered domains and patterns of sibling names.

import { describe, expect, it } from 'vitest';
import { isHostName } from './bindings.ts';
import { patternsOf, registeredDomain } from './names.ts';

describe('registeredDomain()', () => {
  it.each([
    ['api.example.com', 'example.com'],
    ['example.com', 'example.com'],
    ['a.b.example.co.uk', 'example.co.uk'],
    ['a.example.de', 'example.de'],
    ['tenant.iot.us-west-2.amazonaws.com', 'tenant.iot.us-west-2.amazonaws.com'],
  ])('%s: %s', (name, expected) => {
    expect(registeredDomain(name)).toBe(expected);
  });
});

describe('patternsOf()', () => {
  it.each([
    { names: ['a.example.com', 'b.example.com'], expected: ['*.example.com'] },
    { names: ['a.cdn.example.com', 'b.cdn.example.com'], expected: ['*.cdn.example.com'] },
    { names: ['a.eu1.example.com', 'b.eu1.example.com'], expected: ['*.example.com'] },
    { names: ['example.com', 'a.example.com'], expected: ['example.com', '*.example.com'] },
    { names: ['a.x.example.com', 'b.y.example.com'], expected: ['*.example.com'] },
  ])('$names', ({ names, expected }) => {
    expect(patternsOf(names)).toEqual(expected);
  });
});

describe('isHostName()', () => {
  it.each([
    ['api.example.com', true],
    ['_sip.example.com', true],
    ['localhost', false],
    ['a..b', false],
    ['a b.example.com', false],
    ['a"b.example.com', false],
    [`${'a'.repeat(64)}.com`, false],
    ['', false],
  ])('%j: %j', (name, expected) => {
    expect(isHostName(name)).toBe(expected);
  });
});
