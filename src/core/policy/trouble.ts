// What a small grammar answers when it cannot read a text: a problem that does not know its place yet.

export interface Trouble {
  readonly trouble: string;
  readonly code: string;
  readonly help: string | null;
}

export function trouble(code: string, message: string, help: string | null = null): Trouble {
  return { trouble: message, code, help };
}

export function isTrouble(value: unknown): value is Trouble {
  return typeof value === 'object' && value !== null && 'trouble' in value;
}

/** Longest piece of the user's text that a message repeats: a message stays one line. */
const QUOTE_MAX = 60;

/** The text in quotes, cut and without control characters, so that no message can break out of its line. */
export function quoted(text: string): string {
  const plain = [...text.slice(0, QUOTE_MAX)].map((char) => (isControl(char) ? '?' : char)).join('');
  return text.length > QUOTE_MAX ? `"${plain}…"` : `"${plain}"`;
}

function isControl(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  return code < 32 || (code >= 127 && code < 160) || (code >= 0x200b && code <= 0x206f);
}
