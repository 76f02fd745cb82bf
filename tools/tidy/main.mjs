// Runs the arrow check on this checkout: prints what is wrong, exits 1 if anything is.

import { fileURLToPath } from 'node:url';
import { check } from './check.mjs';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
const complaints = check(process.cwd());
for (const complaint of complaints) console.error(complaint);
console.log(complaints.length === 0 ? 'tidy: every arrow is in the house' : `tidy: ${complaints.length} complaints`);
process.exitCode = complaints.length === 0 ? 0 : 1;
