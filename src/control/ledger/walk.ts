// One pass over the lines of a chain: each against the one before it, and against the checkpoints on the way. Reads no file itself.

import { signatureTrouble, UNSIGNED_MAX } from './checkpoint.ts';
import type { CheckpointReader } from './checkpoint-reader.ts';
import { firstRecord, parseLine, readLine } from './line.ts';
import { CHECKPOINTS_FILE, type Line } from './segments.ts';
import type { LedgerKey } from './signer.ts';
import type { Checkpoint, Head, LedgerRecord, WrongPlace } from './types.ts';

export interface WalkFile {
  readonly name: string;
  /** Only the last file may end in the middle of a line. */
  readonly isLast: boolean;
  /** Number that its first record has to have; null where it may be any. */
  readonly first: number | null;
}

export interface WalkParts {
  /** Null where the records come without checkpoints. */
  readonly checkpoints: CheckpointReader | null;
  readonly kept: Checkpoint | null;
  /** The last checkpoint of records that come without the others. */
  readonly newest?: Checkpoint | null;
  readonly keys: readonly LedgerKey[] | null;
}

export class Walk {
  readonly #reader: CheckpointReader | null;
  readonly #kept: Checkpoint | null;
  /** Null once it was compared. */
  #awaited: Checkpoint | null;
  #file: WalkFile = { name: '', isLast: true, first: null };
  #wrong: WrongPlace | null = null;
  #head: Head | null = null;
  #first = 0;
  #line = 0;
  #checkpoints = 0;
  #newest: Checkpoint | null = null;
  #unfinishedBytes = 0;
  #isComparedWithKept = false;

  constructor({ checkpoints, kept, newest = null, keys }: WalkParts) {
    this.#reader = checkpoints;
    this.#kept = kept;
    this.#awaited = newest;
    const unsound = newest === null ? null : signatureTrouble(newest, keys);
    if (unsound !== null) this.#wrong = { ...NO_LINE, file: NEWEST, why: unsound };
    const trouble = kept === null ? null : signatureTrouble(kept, keys);
    if (trouble !== null) this.#keptIsWrong(trouble);
  }

  get wrong(): WrongPlace | null {
    return this.#wrong;
  }

  get head(): Head | null {
    return this.#head;
  }

  get first(): number {
    return this.#first;
  }

  get records(): number {
    return this.#head === null ? 0 : this.#head.sequence - this.#first + 1;
  }

  get checkpoints(): number {
    return this.#checkpoints;
  }

  get newestCheckpoint(): Checkpoint | null {
    return this.#newest;
  }

  get unfinishedBytes(): number {
    return this.#unfinishedBytes;
  }

  get isComparedWithKept(): boolean {
    return this.#isComparedWithKept;
  }

  beginFile(file: WalkFile): void {
    this.#file = file;
    this.#line = 0;
    const wanted = (this.#head?.sequence ?? 0) + 1;
    if (this.#wrong !== null || file.first === null || file.first === wanted) return;
    const why =
      file.first > wanted
        ? `the records ${wanted} to ${file.first - 1} are missing before this file`
        : `this file says that it begins with record ${file.first}, and ${wanted} has to come here`;
    this.#wrong = { file: file.name, line: null, sequence: wanted, why };
  }

  take(line: Line): void {
    this.#line = line.number;
    if (!line.isEnded) {
      this.#takeUnfinished(line.bytes);
      return;
    }
    const record = this.#record(line.bytes);
    if (typeof record === 'string') {
      this.#isWrong(record);
      return;
    }
    if (this.#head === null) this.#first = record.sequence;
    this.#head = record;
    if (record.sequence === this.#kept?.sequence) this.#compareKept(record, this.#kept);
    if (record.sequence === this.#awaited?.sequence) this.#compareNewest(record, this.#awaited);
    const unsigned = record.sequence - (this.#newest?.sequence ?? 0);
    if (this.#reader !== null && unsigned > UNSIGNED_MAX && this.#wrong === null)
      this.#wrong = {
        ...NO_LINE,
        file: CHECKPOINTS_FILE,
        why: `checkpoints are missing: none within ${UNSIGNED_MAX} records`,
      };
  }

  #record(bytes: Uint8Array): LedgerRecord | string {
    if (this.#head !== null) return readLine(bytes, this.#head);
    const record = this.#file.first === null ? parseLine(bytes) : firstRecord(bytes);
    return typeof record === 'string' || record.sequence > 1 ? record : firstRecord(bytes);
  }

  /** What a crash leaves is the beginning of a line. A whole line whose end is something else was changed. */
  #takeUnfinished(bytes: Buffer): void {
    if (!this.#file.isLast) this.#isWrong('its end is missing');
    else if (typeof parseLine(bytes.subarray(0, -1)) !== 'string') this.#isWrong('its line end was changed');
    else this.#unfinishedBytes = bytes.length;
  }

  /** Whether the checkpoint that comes next is of the record that was taken, or of one before it. */
  get isAtCheckpoint(): boolean {
    const next = this.#reader?.current ?? null;
    return next !== null && next.sequence <= (this.#head?.sequence ?? 0);
  }

  async compareCheckpoint(): Promise<void> {
    const reader = this.#reader;
    const next = reader?.current ?? null;
    if (reader === null || next === null || this.#head === null || this.#wrong !== null) return;
    const { chain, sequence, hash } = this.#head;
    if (next.chain !== chain || next.sequence !== sequence || next.hash !== hash) {
      this.#isWrong(`it is not the record that ${CHECKPOINTS_FILE}, line ${reader.line}, was signed for`, sequence);
      return;
    }
    this.#checkpoints++;
    this.#newest = next;
    await reader.advance();
  }

  #compareNewest(record: LedgerRecord, newest: Checkpoint): void {
    if (this.#wrong !== null) return;
    if (record.chain !== newest.chain || record.hash !== newest.hash) {
      this.#isWrong(`it is not the record that ${NEWEST} was signed for`, record.sequence);
      return;
    }
    this.#awaited = null;
    this.#newest = newest;
    this.#checkpoints++;
  }

  #compareKept(record: LedgerRecord, kept: Checkpoint): void {
    if (this.#wrong !== null) return;
    if (record.chain !== kept.chain) this.#keptIsWrong('it is of another chain');
    else if (record.hash !== kept.hash)
      this.#isWrong('it is not the record that the kept checkpoint was signed for', record.sequence);
    else this.#isComparedWithKept = true;
  }

  /** What is missing at the end. */
  end(): WrongPlace | null {
    const last = this.#head?.sequence ?? 0;
    const reader = this.#reader;
    if (this.#wrong !== null) return this.#wrong;
    if (reader !== null && reader.wrong !== null)
      this.#wrong = { file: CHECKPOINTS_FILE, line: reader.wrong.line, sequence: null, why: reader.wrong.why };
    else if (reader !== null && reader.current !== null)
      this.#wrong = {
        ...NO_LINE,
        file: this.#file.name,
        sequence: last + 1,
        why: `the records end with number ${last}, and a checkpoint was signed at ${reader.current.sequence}: the end was cut off`,
      };
    else if (this.#awaited !== null)
      this.#wrong = { ...NO_LINE, file: NEWEST, why: this.#whyNotCompared(this.#awaited, last) };
    else if (this.#kept !== null && !this.#isComparedWithKept)
      this.#keptIsWrong(this.#whyNotCompared(this.#kept, last));
    return this.#wrong;
  }

  #whyNotCompared(kept: Checkpoint, last: number): string {
    if (this.#head !== null && kept.chain !== this.#head.chain) return 'it is of another chain';
    return kept.sequence > last
      ? `the records end with number ${last}, and it was signed at ${kept.sequence}: the end was cut off`
      : `the records begin with number ${this.#first}, and it was signed at ${kept.sequence}`;
  }

  /** The line that was read is wrong; `sequence` is the number that has to stand there. */
  #isWrong(why: string, sequence = this.#head === null ? this.#file.first : this.#head.sequence + 1): void {
    this.#wrong = { file: this.#file.name, line: this.#line, sequence, why };
  }

  #keptIsWrong(why: string): void {
    this.#wrong = { ...NO_LINE, file: 'the kept checkpoint', why };
  }
}

/** What is said of the checkpoint that came with the records. */
const NEWEST = 'the newest checkpoint';
const NO_LINE = { line: null, sequence: null } as const;
