// Runs every test on the source, never on the built files: rooms are reached by the same names as at run time.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}/index.ts`, import.meta.url));

const SLOW = '**/*.slow.test.ts';

export default defineConfig({
  resolve: {
    alias: {
      '#model': source('core/model'),
      '#policy': source('core/policy'),
      '#engine': source('core/engine'),
      '#capture': source('core/capture'),
      '#learn': source('core/learn'),
      '#exchange': source('core/exchange'),
      '#nft': source('edge/nft'),
      '#enforce': source('edge/enforce'),
      '#detect': source('core/detect'),
      '#observe': source('edge/observe'),
      '#bridge': source('edge/bridge'),
      '#agent': source('edge/agent'),
      '#identity': source('core/identity'),
      '#wire': source('core/wire'),
      '#routes': source('core/routes'),
      '#link': source('edge/link'),
      '#store': source('control/store'),
      '#bus': source('control/bus'),
      '#ledger': source('control/ledger'),
      '#authority': source('control/authority'),
      '#people': source('control/people'),
      '#hub': source('control/hub'),
      '#events': source('control/events'),
      '#service': source('control/service'),
      '#api': source('control/api'),
      '#controller': source('control/controller'),
      '#cli': source('cli'),
    },
  },
  test: {
    // Against a hang, not a measure of speed: a busy machine takes its time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // One more than the cores of a small machine: many suites wait for kernels, databases and clocks.
    maxWorkers: 3,
    projects: [
      // Nothing is kept in a module, so files of these share what was loaded: loading takes longer than running them.
      {
        extends: true,
        test: { name: 'fast', include: ['src/**/*.test.ts', 'test/**/*.test.ts'], exclude: [SLOW], isolate: false },
      },
      { extends: true, test: { name: 'slow', include: [SLOW, 'tools/**/*.test.mjs'] } },
    ],
  },
});
