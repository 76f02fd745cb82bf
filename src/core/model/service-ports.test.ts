// Ports by which services are known: just inside, on and outside each bound.

import { expect, it } from 'vitest';
import { isAnsweringPort, isServicePort } from './service-ports.ts';

it.each([
  [-1, false, false],
  [0, true, false],
  [53, true, true],
  [54, true, false],
  [502, true, true],
  [1_023, true, false],
  [1_024, false, false],
  [5_683, true, true],
  [27_017, true, true],
  [27_018, false, false],
  [49_152, false, false],
])('port %d: serves %s, answers over UDP %s', (port, serves, answers) => {
  expect([isServicePort(port), isAnsweringPort(port)]).toEqual([serves, answers]);
});
