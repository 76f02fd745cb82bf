// Undoes gzip as a stream. What came before a cut or a fault is handed on; then it says where the gzip data broke.

import { createGunzip } from 'node:zlib';

/** How compressed data ended. `offset` counts compressed bytes. */
export interface GzipFault {
  readonly kind: 'cut' | 'damaged';
  readonly offset: number;
  readonly message: string;
}

/** Compressed bytes given to the inflater at once: bounds what one step can grow to (deflate: 1,032 times). */
const STEP_BYTES = 16 * 1024;
const OUTPUT_BYTES = 64 * 1024;

/** Inflates `chunks`; calls `onFault` once when the data is cut or damaged, and then ends without an error. */
export async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
  onFault: (fault: GzipFault) => void,
): AsyncGenerator<Uint8Array> {
  const inflater = new Inflater();
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length && inflater.fault === null; at += STEP_BYTES) {
        await inflater.push(chunk.subarray(at, at + STEP_BYTES));
        yield* inflater.take();
      }
      if (inflater.fault !== null) break;
    }
    await inflater.end();
    yield* inflater.take();
    if (inflater.fault !== null) onFault(inflater.fault);
  } finally {
    inflater.close();
  }
}

/** One gzip stream: each call resolves when its bytes are through or when the data proved broken. */
class Inflater {
  readonly #stream = createGunzip({ chunkSize: OUTPUT_BYTES });
  #ready: Uint8Array[] = [];
  #wake: () => void = () => {};
  #fault: GzipFault | null = null;
  /** The data ended, and bytes behind it are zeros that fill a block: the stream answers no further call. */
  #isOver = false;

  constructor() {
    this.#stream.on('data', (chunk: Uint8Array) => this.#ready.push(chunk));
    this.#stream.on('end', () => {
      this.#isOver = true;
      this.#wake();
    });
    this.#stream.on('error', (error) => {
      this.#fault = faultOf(error, this.#stream.bytesWritten);
      this.#wake();
    });
  }

  get fault(): GzipFault | null {
    return this.#fault;
  }

  push(chunk: Uint8Array): Promise<void> {
    return this.#untilWoken(() => this.#stream.write(chunk, () => this.#wake()));
  }

  async end(): Promise<void> {
    if (this.#fault === null) await this.#untilWoken(() => this.#stream.end());
  }

  take(): readonly Uint8Array[] {
    const taken = this.#ready;
    this.#ready = [];
    return taken;
  }

  close(): void {
    this.#stream.destroy();
  }

  #untilWoken(start: () => void): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isOver) {
        resolve();
        return;
      }
      this.#wake = resolve;
      start();
    });
  }
}

function faultOf(error: Error & { code?: string }, offset: number): GzipFault {
  if (error.code === 'Z_BUF_ERROR')
    return { kind: 'cut', offset, message: `the gzip data ends early, after ${offset} compressed bytes` };
  const message = `the gzip data is damaged near compressed byte ${offset} (${error.message})`;
  return { kind: 'damaged', offset, message };
}
