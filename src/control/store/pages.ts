// Pages of `picket explain` for what the store refuses (PICKET-C100 to C149).

const PAGES: ReadonlyMap<string, string> = new Map([
  page('PICKET-C101', 'the database is used by another process', [
    "An SQLite file belongs to one controller alone, so that none undoes what another one wrote. The lock is the kernel's: it is free as soon as its holder is gone, however that ended. Nothing was changed.",
    'End the other process first (picket controller status says which runs), or let several controllers share a PostgreSQL: --database postgres://…',
  ]),
  page('PICKET-C102', 'the database cannot be reached', [
    'The connection to PostgreSQL was refused, broke off, or took too long. A change that was under way is not there: what was acknowledged before is. Agents go on enforcing what they have.',
    'See that the server runs and that its address is right (picket controller status). The controller tries again by itself; no restart is needed.',
  ]),
  page('PICKET-C103', 'the database was written by a newer version', [
    'It has tables or columns that this version does not know, and would leave out. Nothing was changed.',
    'Run the version that wrote it or a newer one; to go back to an older one, restore a backup that it made.',
  ]),
  page('PICKET-C104', 'the disk refused to read or write the database', [
    'The folder is missing or may not be written, or the disk reported a fault. Nothing was changed, and what was acknowledged before is still there unless the disk itself is broken.',
    'The data folder has to be on a local disk: locks of network file systems do not hold. Look at the log of the kernel for faults of the disk.',
  ]),
  page('PICKET-C105', 'the file is no database, or it is damaged', [
    'SQLite does not recognise it, or found pages that contradict each other. Nothing was changed.',
    'Name the right file, or restore the last backup into a new place: picket restore',
  ]),
  page('PICKET-C106', 'the disk of the database is full', [
    'The change did not fit and was taken back whole; everything acknowledged before is there. Agents go on enforcing what they have.',
    'Free some space. No restart is needed. Roll-ups of flows take the most: shorter retention frees it within the hour.',
  ]),
  page('PICKET-C107', 'it is not known whether a change took effect', [
    'The connection to the database broke off after it was told to keep the change and before it answered. Both is possible.',
    'Look before you repeat it: for a policy, picket policy history.',
  ]),
  page('PICKET-C108', 'two changes met in the database', [
    'They needed the same rows in an order that cannot be resolved, so that one of them was taken back. Nothing of it was changed.',
    'Repeat it.',
  ]),
  page('PICKET-C109', 'the database took too long', [
    'A statement passed its bound of some seconds and was stopped, so that it does not hold up the rest. Nothing was changed.',
    'Look at the load of the server and its disk, or ask for a shorter time and fewer rows.',
  ]),
  page('PICKET-C110', 'the database refuses the controller', [
    'PostgreSQL runs, but not for this user: password, name of the database, pg_hba.conf, or the right to make tables. Nothing was changed.',
    'A user and a database for it alone are enough: createuser picket; createdb -O picket picket',
  ]),
  page('PICKET-C111', 'the address of the database cannot be read', [
    'It has to be a URL that begins with postgres:// or postgresql://. It is not shown, because it may hold a password. Nothing was changed.',
  ]),
  page('PICKET-C120', 'the file is no backup', [
    'It cannot be opened, or it is not what picket backup writes: gzipped lines of JSON, the first of which says what is in it. Nothing was changed.',
  ]),
  page('PICKET-C121', 'the backup is damaged', [
    'Bytes are missing, changed or added: its last line holds a checksum over everything before, and they do not fit. Nothing of it was taken, because half a state is worse than an older one.',
    'Take another copy of it, or an older backup. picket restore --check FILE says whether a file is whole.',
  ]),
  page('PICKET-C122', 'the backup was made by a newer version', [
    'It has tables or columns that this version would leave out. Nothing was changed.',
    'Restore it with the version that made it, or a newer one.',
  ]),
  page('PICKET-C123', 'the place to restore into is not empty', [
    'A backup is never mixed with what is there. Nothing was changed.',
    'Stop the controller, move its data folder aside (or make a new database), and restore into the empty place.',
  ]),
  page('PICKET-C124', 'the backup cannot be written', [
    'The file is there already, its folder is missing or may not be written, or there is no room beside the database for the copy that is read. Nothing was changed.',
  ]),
  page('PICKET-C125', 'another backup is being made', [
    'One at a time: each holds back the clean-up of the log while it copies. Nothing was changed.',
  ]),
  page('PICKET-C126', 'the backup cannot be restored', [
    'The system refused to write where it was to go. What was begun was taken away again.',
  ]),
]);

export function storePage(code: string): string | null {
  return PAGES.get(code) ?? null;
}

export function storeCodes(): readonly string[] {
  return [...PAGES.keys()];
}

function page(code: string, title: string, paragraphs: readonly string[]): readonly [string, string] {
  return [code, `${code}: ${title}\n\n${paragraphs.join('\n\n')}\n`];
}
