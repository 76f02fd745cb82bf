// Acts on their way: what is noted, what can be recorded at all. Touches no store and no file.

import { LINE_BYTES_MAX, nextLine } from './line.ts';
import { LedgerError } from './trouble.ts';
import type { Act, Entry, Head } from './types.ts';

/** Acts of one change. A longer list belongs into one act's detail, as a number. */
export const ACTS_MAX = 256;
/** Room that the numbers of a record may need beyond those it was tried with. */
const SPARE_BYTES = 64;
/** As long as a real head; the record is never written. */
const TRIED: Head = { chain: 'x'.repeat(64), sequence: 0, hash: '0'.repeat(64) };

/** Why an entry could not be recorded, or null. Asked before the change, so that no change is left without its record. */
export function entryTrouble(entry: Entry): LedgerError | null {
  const { actor, act } = entry;
  const texts = [actor.kind, actor.id, actor.name, act.action, act.subject, act.domain];
  if (texts.some((text) => text.includes('\0'))) return unwritable(act, 'a text holds a zero character');
  try {
    const { line } = nextLine(TRIED, entry);
    return Buffer.byteLength(line) + SPARE_BYTES > LINE_BYTES_MAX ? unwritable(entry.act, 'it is too long') : null;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return unwritable(entry.act, error.message);
  }
}

export function unwritable({ action }: Act, why: string): LedgerError {
  return new LedgerError({
    code: 'PICKET-C205',
    message: `the act ${JSON.stringify(action.slice(0, 80))} cannot be recorded: ${why}; nothing was changed`,
    help: `an act and its detail are plain JSON data of at most ${LINE_BYTES_MAX / 1_024} KiB together`,
  });
}

export function tooManyActs(): LedgerError {
  return new LedgerError({
    code: 'PICKET-C205',
    message: `one change noted more than ${ACTS_MAX} acts; nothing was changed`,
    help: 'note one act for the whole, with the number in its detail',
  });
}
