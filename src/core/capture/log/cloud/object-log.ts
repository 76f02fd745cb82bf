// The frame of readers of logs that are JSON objects, however they are strung together. The count of lines is a count of objects here.

import type { LogEnd, LogReader } from '../reader.ts';
import type { LogEnding, LogTally } from '../tally.ts';
import { type Around, aroundOf, ObjectCutter } from './object-cutter.ts';

/** What a format does with its objects; none of it throws. */
interface ObjectFormat {
  /** Takes one object. */
  object(text: string): void;
  ending(): LogEnding;
}

/** Bytes kept until it is told what stands around the objects; a name and two brackets. */
const BEGIN_BYTES = 1_024;

export class ObjectLog implements LogReader {
  readonly #tally: LogTally;
  readonly #format: ObjectFormat;
  readonly #envelope: string;
  #begin: Uint8Array | null = new Uint8Array(0);
  #cutter: ObjectCutter | null = null;

  /** `envelope` names the array that holds the objects where there is one object around it. */
  constructor(tally: LogTally, format: ObjectFormat, envelope: string) {
    this.#tally = tally;
    this.#format = format;
    this.#envelope = envelope;
  }

  push(chunk: Uint8Array): void {
    if (this.#begin === null) {
      this.#cutter?.push(chunk);
      return;
    }
    const begin = new Uint8Array(this.#begin.length + chunk.length);
    begin.set(this.#begin);
    begin.set(chunk, this.#begin.length);
    this.#begin = begin;
    if (begin.length >= BEGIN_BYTES) this.#start(begin);
  }

  end(): LogEnd {
    if (this.#begin !== null) this.#start(this.#begin);
    const isCut = this.#cutter?.end() === true;
    if (isCut) {
      this.#tally.line++;
      this.#tally.reject('the log ends inside an object');
    }
    return this.#tally.end({ ...this.#format.ending(), isCut });
  }

  #start(begin: Uint8Array): void {
    this.#begin = null;
    const text = new TextDecoder().decode(begin.subarray(0, BEGIN_BYTES));
    const around: Around = aroundOf(text, this.#envelope);
    this.#cutter = new ObjectCutter(around, (object) => this.#take(object));
    this.#cutter.push(begin);
  }

  #take(text: string | null): void {
    this.#tally.line++;
    if (text === null) this.#tally.reject('the object is longer than 16 MiB');
    else this.#format.object(text);
  }
}
