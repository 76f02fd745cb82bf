// Files that a controller sends: passed on piece by piece as they come, and told where they broke off. Not what is in them.

import type { ReceivedFile } from '#routes';
import type { Desk } from '../context.ts';
import { EXIT } from '../exits.ts';
import { Failure } from '../failure.ts';
import { counted } from '../output/text.ts';
import { writePieces } from '../write.ts';

/** Ends of lines that have passed. */
export interface Passed {
  lines: number;
}

/** The bytes of a file, counted while they pass. Where they break off, the command ends with that. */
export async function* piecesOf({ content }: ReceivedFile, passed: Passed): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of content) {
      for (const byte of piece) if (byte === LINE_END) passed.lines++;
      yield piece;
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure({
      code: 'PICKET-C451',
      exit: EXIT.unreachable,
      message: `what the controller sent broke off after ${counted(passed.lines, 'line')}: ${why}`,
      help: 'a file named with -o was not written; what went to stdout is not all',
    });
  }
}

const LINE_END = 0x0a;

/** To a file whole or not at all, or to stdout as it comes; nothing is held. */
export async function passOn(desk: Desk, output: string | undefined, file: ReceivedFile): Promise<Passed> {
  const passed: Passed = { lines: 0 };
  const pieces = piecesOf(file, passed);
  if (output !== undefined && output !== '-') {
    await writePieces(desk, output, pieces);
    return passed;
  }
  const decoder = new TextDecoder();
  for await (const piece of pieces) desk.paper.exact(decoder.decode(piece, { stream: true }));
  desk.paper.exact(decoder.decode());
  return passed;
}
