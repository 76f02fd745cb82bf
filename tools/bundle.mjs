// Joins the built modules of the program to a few files: Node reads one large file faster than seven hundred small ones. Packages stay packages, and what is
// imported later stays apart.

import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

process.chdir(fileURLToPath(new URL('../dist', import.meta.url)));

const ENTRY = 'bin/picket.js';

const bundle = await rolldown({
  input: ENTRY,
  platform: 'node',
  external: (id) => /^[a-z@]/.test(id),
  // No module of ours does anything when it is loaded but the entry: of a door only what is asked for is taken.
  treeshake: { moduleSideEffects: (id, isExternal) => isExternal || id.endsWith(ENTRY) },
});
await bundle.write({ dir: 'bin', entryFileNames: '[name].js', chunkFileNames: 'parts/[name].js' });
await bundle.close();
