// `npm start`: watches this host as a gateway would (root), or shows what can be seen without rights; installs what is missing. Blocks nothing,
// needs no network but this host's, and ends by itself: what goes on running is the agent, until `./picket down`.

import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { GATEWAY_TOOLS, installPackages, installTools, run } from './install.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
installPackages();
run('npm', ['run', '--silent', 'build']);

const say = (text) => console.log(`\n${text}`);
const isRoot = process.getuid?.() === 0;

if (isRoot) installTools(GATEWAY_TOOLS, 'the gateway');
if (!isRoot || !watchThisHost()) showWithoutRights();

/** False where this machine cannot be watched; picket has said why. */
function watchThisHost() {
  say('Watching this host. Nothing is blocked and nothing leaves it:\n');
  if (picket('up') !== 0) return false;
  say(
    'In this checkout the program is ./picket. Is all well: ./picket doctor. Everything at a glance: ./picket status.',
  );
  console.log('It goes on watching until: ./picket down   (with --purge nothing is remembered)');
  console.log('No traffic of your own to look at? npm run demo shows a recorded site: learn, replay, report.');
  return true;
}

/** What needs neither root nor the kernel: this host's doors, and a recorded site. */
function showWithoutRights() {
  const why = isRoot
    ? 'This machine cannot hold a gateway (above), and'
    : 'Without root no traffic is seen and nothing can be held;';
  say(`${why} two things work all the same. First: what this host offers and uses, from /proc:\n`);
  picket('services');
  say('Second: the whole way on the recording of a small site, as "npm run demo" shows it.');
  run(process.execPath, ['tools/demo.mjs']);
  say(`To watch this host itself: ${isRoot ? './picket doctor tells what is missing' : 'sudo npm start'}`);
}

/** Runs ./picket and shows the command as a user would type it. Returns its exit code. */
function picket(...args) {
  console.log(`$ ./picket ${args.join(' ')}`);
  const { status, error } = spawnSync(process.execPath, ['picket', ...args], { stdio: 'inherit' });
  if (error !== undefined) throw new Error(`cannot run ./picket ${args[0]}: ${error.message}`);
  return status ?? 1;
}
