// What the store cannot do and why, with a code that has a page.

export class StoreError extends Error {
  readonly code: string;
  readonly help: string;

  constructor({ code, message, help, cause }: { code: string; message: string; help: string; cause?: unknown }) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.help = help;
  }
}
