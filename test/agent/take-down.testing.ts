// Takes down what an agent left, as a process of its own.

import process from 'node:process';
import { takeDown } from '#agent';

await takeDown({ stateDirectory: process.argv[2] ?? '', now: () => Date.now() * 1_000 });
process.stdout.write('down\n');
