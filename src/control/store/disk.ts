// What a file system owes to a file that was made or renamed. Not the writing of files.

import { open } from 'node:fs/promises';

/** A file that was made or renamed is found again after a power cut only when its folder is on the disk too. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
