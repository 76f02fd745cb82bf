// The house as the arrow check knows it: rooms, who may import whom, and what core must not touch.

/** Room → folder below src, door name, and the rooms it may import. Rooms not listed here do not exist. */
export const ROOMS = {
  model: { folder: 'core/model', door: '#model', imports: [] },
  policy: { folder: 'core/policy', door: '#policy', imports: ['model'] },
  engine: { folder: 'core/engine', door: '#engine', imports: ['model'] },
  capture: { folder: 'core/capture', door: '#capture', imports: ['model'] },
  learn: { folder: 'core/learn', door: '#learn', imports: ['model'] },
  exchange: { folder: 'core/exchange', door: '#exchange', imports: ['model'] },
  detect: { folder: 'core/detect', door: '#detect', imports: ['model'] },
  nft: { folder: 'edge/nft', door: '#nft', imports: ['model'] },
  enforce: { folder: 'edge/enforce', door: '#enforce', imports: ['model', 'engine', 'nft'] },
  observe: { folder: 'edge/observe', door: '#observe', imports: ['model', 'capture'] },
  bridge: { folder: 'edge/bridge', door: '#bridge', imports: ['model', 'nft'] },
  agent: {
    folder: 'edge/agent',
    door: '#agent',
    imports: ['model', 'policy', 'engine', 'learn', 'detect', 'enforce', 'observe', 'bridge'],
  },
  cli: {
    folder: 'cli',
    door: '#cli',
    imports: ['model', 'policy', 'engine', 'capture', 'learn', 'exchange', 'enforce', 'observe', 'bridge', 'agent'],
  },
  bin: { folder: 'bin', door: null, imports: ['cli'] },
};

/** Packages each room may import; an entry is a decision (see docs/decisions). */
export const PACKAGES = {
  model: [],
  policy: ['yaml', 'temporal-polyfill'],
  engine: ['temporal-polyfill'],
  capture: ['@noble/ciphers', '@noble/hashes'],
  learn: [],
  exchange: ['yaml', 'json5'],
  detect: [],
  nft: [],
  enforce: [],
  observe: [],
  bridge: [],
  agent: ['yaml'],
  cli: ['@stricli/core', 'pkijs', 'asn1js'],
  bin: [],
};

/** Names that mean I/O, a clock or randomness: core gets them as arguments or not at all. */
export const FORBIDDEN_IN_CORE = [
  [/\bDate\.now\b/, 'a clock (Date.now)'],
  [/\bnew Date\(\)/, 'a clock (new Date())'],
  [/\bTemporal\.Now\b/, 'a clock (Temporal.Now)'],
  [/\bperformance\./, 'a clock (performance)'],
  [/\bMath\.random\b/, 'randomness (Math.random)'],
  [/\bcrypto\./, 'randomness (crypto)'],
  [/\bprocess\./, 'the process'],
  [/\bconsole\./, 'the console'],
  [/\bset(Timeout|Interval|Immediate)\b/, 'a timer'],
  [/\bfetch\(/, 'the network'],
  [/from 'node:/, 'a node: module'],
];

/** Lines a file may have: room for a change before it is split (STYLE: aim 150). */
export const MAX_FILE_LINES = 400;
