// Notices a capture that goes on as zeros: a sparse or preallocated file, each 16 zero bytes of which read as an empty packet of 1970.

import type { CaptureEnd, Frame } from '#capture';
import { countText } from '../output/text.ts';

/** One MiB of zeros. No recorder writes so many packets without a length and a time. */
const ZEROS_MAX = 65_536;

export class ZeroRun {
  #length = 0;

  see(frame: Frame): void {
    const isZero = frame.wireLength === 0 && frame.capturedLength === 0 && frame.seconds === 0;
    this.#length = isZero ? this.#length + 1 : 0;
  }

  get isLong(): boolean {
    return this.#length >= ZEROS_MAX;
  }

  text(end: CaptureEnd): string {
    return `damaged before byte ${end.byteOffset} after ${end.packets} packets: found ${countText(this.#length)} empty packets without a time in a row, as zeros read, needed packets`;
  }
}
