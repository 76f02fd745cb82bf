// What this room answers when it refuses: data with a code that has a page, never an exception. Not a verdict on traffic.

/** `message` says what, where, what was found and what is needed; `help` is the next step, where there is one. Neither holds a secret. */
export interface Refusal {
  readonly kind: 'refused';
  readonly code: string;
  readonly message: string;
  readonly help: string | null;
}

/** Either the thing, or why not. */
export type Checked<T> = { readonly kind: 'ok'; readonly value: T } | Refusal;

export function ok<T>(value: T): Checked<T> {
  return { kind: 'ok', value };
}

export function refuse(code: string, message: string, help: string | null = null): Refusal {
  return { kind: 'refused', code, message, help };
}

/** Longest piece of outside text that a message quotes. */
const QUOTED_CHARS_MAX = 80;

/** Outside text for a message: in quotes, escaped, cut to a length that fits a line. */
export function quoted(text: string): string {
  const cut = text.length > QUOTED_CHARS_MAX ? `${text.slice(0, QUOTED_CHARS_MAX)}…` : text;
  return JSON.stringify(cut).replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '?');
}
