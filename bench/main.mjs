// `npm run bench -- NAME [--json]`: runs one benchmark on the built files. Prints ratios against something measured in the same run.

import { existsSync } from 'node:fs';

const BENCHES = {
  decoders: './decoders.mjs',
  engine: './engine.mjs',
  gateway: './gateway.mjs',
  hub: './hub.mjs',
  leaf: './leaf.mjs',
  meter: './meter.mjs',
  rollups: './rollups.mjs',
  rules: './rules.mjs',
  soak: './soak.mjs',
  start: './start.mjs',
  stream: './stream.mjs',
};
const [name, ...flags] = process.argv.slice(2);

if (name === undefined || !Object.hasOwn(BENCHES, name)) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')} [--json]`);
  process.exit(2);
}
if (!existsSync(new URL('../dist/bin/picket.js', import.meta.url))) {
  console.error('bench: build first: npm run build');
  process.exit(2);
}
const { bench } = await import(BENCHES[name]);
const result = await bench(flags);
if (flags.includes('--json')) {
  console.log(JSON.stringify({ schema: 'picket.bench/v1', bench: name, node: process.version, ...result }, null, 2));
} else {
  console.log(`${result.what}\n`);
  for (const row of result.rows)
    console.log(
      Object.entries(row)
        .map(([key, value]) => `${key}: ${value}`)
        .join('  '),
    );
}
