// A machine on which nothing is: no programs, no files, nobody at the terminal. For tests of commands that read files only.

import type { Machine } from './machine.ts';

export const BARE_MACHINE: Machine = {
  nodeVersion: '20.20.2',
  pid: 1,
  packageFolder: '/opt/picket',
  uid: 1000,
  timezone: 'UTC',
  elapsed: () => 0,
  environment: () => null,
  absolute: (path) => path,
  run: async () => ({ isFound: false, status: null, stdout: '', stderr: '' }),
  text: async () => null,
  entry: async () => null,
  names: async () => [],
  freeBytes: async () => null,
  startPicket: async () => ({ pid: -1, ended: () => 1 }),
  keepSecret: async () => {},
  https: () => async () => {
    throw new Error('there is no network');
  },
  shown: async () => {
    throw new Error('there is no network');
  },
  forget: async () => {},
  wait: async () => {},
  spareMemory: () => {},
  onTold: () => {},
  ask: async () => null,
};
