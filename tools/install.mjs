// Installs what is missing: packages by npm, system tools by apt when root; else says in one line what to install.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Tools that a gateway runs, and the Debian package that carries each. */
export const GATEWAY_TOOLS = {
  nft: 'nftables',
  conntrack: 'conntrack',
  tcpdump: 'tcpdump',
  ip: 'iproute2',
};

/** Tools that some tests need besides. Nothing in the product needs them. */
const TEST_TOOLS = {
  chromium: 'chromium',
  softflowd: 'softflowd',
  argus: 'argus-server',
  ra: 'argus-client',
  python3: 'python3',
  initdb: 'postgresql',
};

/** Debian keeps the programs of each version here, and not on the path. */
const POSTGRES = '/usr/lib/postgresql';
/** Read when a version is installed: whether a database is made and started for the whole machine. */
const CLUSTERS = '/etc/postgresql-common/createcluster.conf';

/** Runs a command with its output shown; throws when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (result.error !== undefined) throw new Error(`cannot run ${command}: ${result.error.message}`);
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${result.signal ?? result.status}`);
}

/** Packages of package-lock.json into node_modules, once. */
export function installPackages() {
  if (existsSync('node_modules/.package-lock.json')) return;
  console.error('picket: installing packages (npm ci)');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Installs the tools that are missing, or says in one line what the user has to do. */
export function installTools(tools = { ...GATEWAY_TOOLS, ...TEST_TOOLS }, who = 'some tests') {
  const missing = Object.keys(tools).filter((tool) => !isOnPath(tool));
  if (missing.length === 0) return;
  const packages = missing.map((tool) => tools[tool]);
  if (process.getuid?.() !== 0 || !isOnPath('apt-get')) {
    console.error(
      `picket: ${who} need${who.endsWith('s') ? '' : 's'} ${packages.join(' ')}: install with "sudo apt-get install ${packages.join(' ')}"`,
    );
    return;
  }
  console.error(`picket: installing ${packages.join(' ')} (apt-get)`);
  if (packages.includes(TEST_TOOLS.initdb)) keepFromStarting();
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  try {
    run('apt-get', ['update', '-qq'], quiet);
    const kept = ['-o', 'Dpkg::Options::=--force-confold'];
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...kept, ...packages], quiet);
  } catch (error) {
    console.error(`picket: could not install ${packages.join(' ')}: ${error.message}; what needs it will say so`);
  }
}

/** Tests start a PostgreSQL of their own; on a machine that never had one none is left running. */
function keepFromStarting() {
  if (existsSync(CLUSTERS)) return;
  mkdirSync('/etc/postgresql-common', { recursive: true });
  writeFileSync(CLUSTERS, 'create_main_cluster = false\n');
}

function isOnPath(tool) {
  const versions = tool === 'initdb' && existsSync(POSTGRES) ? readdirSync(POSTGRES) : [];
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...versions.map((one) => join(POSTGRES, one, 'bin'))];
  return folders.some((folder) => existsSync(join(folder, tool)));
}
