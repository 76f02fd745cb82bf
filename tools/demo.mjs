// `npm run demo`: installs what is missing, then runs the main job on our lab's own recording: learn, read, replay, report. Needs no rights.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { installPackages, run } from './install.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
installPackages();
run('npm', ['run', '--silent', 'build']);
mkdirSync('demo', { recursive: true });

const POLICY = 'demo/policy.yaml';
const say = (text) => console.log(`\n${text}`);

say('1. Learn a policy from an ordinary two minutes of a small site (no root, nothing is blocked):');
if (existsSync(POLICY)) {
  console.log(`   ${POLICY} is there already and is kept as it is; delete it to learn anew`);
} else {
  picket('learn', 'lab/captures/site-normal.pcap', '-o', POLICY);
}
say(`2. The policy (${POLICY}):\n`);
console.log(readFileSync(POLICY, 'utf8'));
say('3. Judge other traffic of the same site by it, with a scan, an exfiltration and a forged Modbus write inside:');
picket(
  'replay',
  'lab/captures/site-attack.pcap',
  '--policy',
  POLICY,
  '--labels',
  'lab/captures/labels-attack.csv',
  '--report',
  'demo/report.html',
);
say(
  `4. Open demo/report.html in a browser. Then change a limit in ${POLICY} and run step 3 again: the verdicts change. README.md walks through it.`,
);

/** Runs ./picket and shows the command as a user would type it. A replay that denies is no failure. */
function picket(...args) {
  console.log(`   $ ./picket ${args.join(' ')}`);
  const result = spawnSync(process.execPath, ['picket', ...args], { stdio: 'inherit' });
  if (result.status !== 0) throw new Error(`./picket ${args[0]} ended with ${result.signal ?? result.status}`);
}
