// What was opened and has to be closed, in the reverse order. Not what is opened.

export class Closers {
  readonly #closers: (() => Promise<void> | void)[] = [];

  add(close: () => Promise<void> | void): void {
    this.#closers.push(close);
  }

  /** Closes all that was opened; what one of them throws keeps none of the others open. Called twice it does nothing the second time. */
  async close(onTrouble: (error: unknown) => void): Promise<void> {
    for (;;) {
      const close = this.#closers.pop();
      if (close === undefined) return;
      try {
        await close();
      } catch (error) {
        onTrouble(error);
      }
    }
  }
}
