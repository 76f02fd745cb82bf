// `npm test`: installs what is missing, then runs types, lint, arrows and every test. Last line: N passed, N failed, N skipped.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages, installTools } from './install.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
installPackages();
installTools();

const CHECKS = [
  ['build', ['npm', 'run', '--silent', 'build']],
  ['types', ['npm', 'run', '--silent', 'types']],
  ['lint', ['npm', 'run', '--silent', 'lint']],
  ['arrows', ['npm', 'run', '--silent', 'tidy']],
];
const failedChecks = CHECKS.filter(([name, [command, ...args]]) => {
  console.log(`\n> ${name}`);
  return spawnSync(command, args, { stdio: 'inherit' }).status !== 0;
});

const folder = mkdtempSync(join(tmpdir(), 'picket-test-'));
const report = join(folder, 'report.json');
const vitest = spawnSync(
  'npx',
  ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
const counts = readCounts();
rmSync(folder, { recursive: true, force: true });

const failed = counts.failed + failedChecks.length;
for (const [name] of failedChecks) console.log(`failed check: ${name}`);
for (const title of counts.skippedTitles) console.log(`skipped: ${title}`);
console.log(
  `${counts.passed + CHECKS.length - failedChecks.length} passed, ${failed} failed, ${counts.skippedTitles.length} skipped`,
);
process.exitCode = failed > 0 || vitest.status !== 0 ? 1 : 0;

/** Counts of the run; a run that left no report counts as one failure. */
function readCounts() {
  try {
    const { testResults, numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
    const all = testResults.flatMap((file) => file.assertionResults);
    const brokenFiles = testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.length === 0,
    ).length;
    const skippedTitles = all
      .filter((one) => one.status === 'skipped' || one.status === 'pending' || one.status === 'todo')
      .map((one) => one.fullName);
    return { passed: numPassedTests, failed: numFailedTests + brokenFiles, skippedTitles };
  } catch (error) {
    console.error(`the test run left no report: ${error.message}`);
    return { passed: 0, failed: 1, skippedTitles: [] };
  }
}
