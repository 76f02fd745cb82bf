// Small files that must survive a power cut: written whole or not at all, readable by root alone. Throws what the system says; who calls puts it into words.

import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Makes the folder and its parents where they are missing. */
export function makeOwnFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
}

/** INVARIANT: after this returns the new text is on the disk; before, the old one is. */
export function keepWhole(path: string, text: string): void {
  const fresh = `${path}.new`;
  const file = openSync(fresh, 'w', FILE_MODE);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, path);
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
