// Pages of `picket explain` for what the ledger refuses (PICKET-C200 to C249).

const PAGES: ReadonlyMap<string, string> = new Map([
  page('PICKET-C201', 'another process writes the ledger', [
    "A chain has one writer, because two would write two records with one number. The lock is the kernel's: it is free as soon as its holder is gone, however that ended. Nothing was changed.",
    'End the other controller first, or give this one a data folder of its own.',
  ]),
  page('PICKET-C202', 'the ledger cannot be read or written', [
    'The folder or one of its files cannot be used: rights, a disk that is not there, a path that is no folder. Nothing was changed.',
    'The folder must be on a local disk with room. Only the user of the controller may read it.',
  ]),
  page('PICKET-C203', 'the ledger was changed from outside', [
    'A record or a checkpoint is not the one that was written: something was changed, removed, inserted or put into another order. The controller answers questions, but it changes nothing as long as this stands: what it did could not be proved later.',
    'The ledger is never repaired, because a repaired ledger proves nothing. Look at the first place that is wrong: picket audit verify FOLDER',
    'Find out how it came about. Then either put back the folder from a backup that is as new as the database, or move the folder to a safe place and start the controller: it begins a new chain, and the old one stays as evidence.',
  ]),
  page('PICKET-C204', 'there is no room for the ledger', [
    'The disk is full, or a quota is used up. What was to be recorded was not, and nothing else was lost. Changes are refused until there is room; reading works, and agents go on enforcing.',
    'Make room on the disk of the data folder. It goes on by itself with the next change.',
  ]),
  page('PICKET-C205', 'an act cannot be recorded', [
    'Its detail is not plain data, or it is longer than a record may be. Nothing was changed.',
    'This is most likely a mistake in the program that asked: report it.',
  ]),
  page('PICKET-C206', 'the disk of the ledger failed', [
    'The disk did not take what was written, so it is not known what it holds. What was acknowledged before stands. Nothing more is recorded until the controller was started anew and has read the file again.',
    'Look at the disk (dmesg, smartctl), then start the controller anew.',
  ]),
  page('PICKET-C207', 'a kept checkpoint cannot be read', [
    'The file given with --checkpoint is no checkpoint. Nothing was verified.',
    'Write one with: picket audit checkpoint -o FILE, and keep it where the machine of the controller cannot write.',
  ]),
  page('PICKET-C208', 'a key cannot be used', [
    'Checkpoints are signed with P-256 or Ed25519. The file given with --key holds no public key of these kinds in PEM form.',
  ]),
  page('PICKET-C209', 'checkpoints cannot be signed', [
    'Records are vouched for by signed checkpoints; more than a few thousand records without one are not taken. Nothing was recorded.',
    'The key that signs must be there and usable. It goes on by itself then.',
  ]),
  page('PICKET-C210', 'the ledger is closed', [
    'The controller is ending. Nothing was changed; ask again when it runs.',
  ]),
  page('PICKET-C211', 'too many acts wait for the disk', [
    'The disk is far behind, so that nothing more could be promised. Nothing was changed.',
    'Ask again in a moment. If it stays so, the disk is too slow or hangs.',
  ]),
  page('PICKET-C212', 'there is no ledger', [
    'The path holds no records of a ledger.',
    'Name the folder "ledger" in the data folder of a controller, or a file that picket audit export wrote.',
    'Exit code 3 (not found).',
  ]),
  page('PICKET-C213', 'the change was made, but is not in the ledger yet', [
    'The database has the change, and the ledger could not take its record: the disk is full or failed in between. The record waits in the database and is written as soon as the ledger takes it; no other change is made before.',
    'Make room on the disk of the data folder, or see what picket explain says to the code in the message.',
  ]),
  page('PICKET-C214', 'the ledger is older than the database', [
    'The database remembers a record that the ledger does not have: the end of the ledger was cut off, or one of the two was put back from an older backup. The controller changes nothing as long as this stands.',
    'Put back both from the same backup. If the ledger is lost, move its folder to a safe place and start the controller: it begins a new chain.',
  ]),
]);

function page(code: string, title: string, paragraphs: readonly string[]): readonly [string, string] {
  return [code, `${code}: ${title}\n\n${paragraphs.join('\n\n')}\n`];
}

export function ledgerPage(code: string): string | null {
  return PAGES.get(code) ?? null;
}

export function ledgerCodes(): readonly string[] {
  return [...PAGES.keys()];
}
