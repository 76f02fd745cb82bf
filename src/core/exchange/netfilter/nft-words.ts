// Words of nft's own text, and the parts that rules are made of: keys, operators, values, sets. Used for text; JSON has its own reader.

/** One word, sign or string of the text. Strings keep no quotes but are marked. */
export interface Word {
  readonly text: string;
  readonly isString: boolean;
  readonly line: number;
}

/** Words of one text: more would be generated sets that belong in a file of their own. */
const WORDS_MAX = 2_000_000;

/** Null where there are too many words, or a string does not end. A line break is the word `\n`. */
export function wordsOf(text: string): readonly Word[] | null {
  const words: Word[] = [];
  let line = 1;
  const pattern = /"([^"\n]*)"|(#[^\n]*)|(\n)|([{},;]|!=|==|<=|>=|<|>|=(?!=))|([^\s{},;"<>=!#]+)|(\S)/g;
  for (const [all, string, note, end, sign, word, odd] of text.matchAll(pattern)) {
    if (note !== undefined) continue;
    if (words.length >= WORDS_MAX || odd !== undefined) return null;
    const said = string ?? sign ?? word ?? all;
    words.push({ text: said, isString: string !== undefined, line });
    if (end !== undefined) line++;
  }
  return words;
}

/** Words with a place in them. */
export class Cursor {
  readonly #words: readonly Word[];
  #at = 0;

  constructor(words: readonly Word[]) {
    this.#words = words;
  }

  get line(): number {
    return this.#words[Math.min(this.#at, this.#words.length - 1)]?.line ?? 1;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#words.length;
  }

  peek(ahead = 0): string {
    return this.#words[this.#at + ahead]?.text ?? '';
  }

  next(): string {
    return this.#words[this.#at++]?.text ?? '';
  }

  take(text: string): boolean {
    const word = this.#words[this.#at];
    if (word === undefined || word.text !== text || word.isString) return false;
    this.#at++;
    return true;
  }

  skipBreaks(): void {
    while (this.peek() === '\n' || this.peek() === ';') this.#at++;
  }

  /** Words up to the end of the statement; line breaks inside braces do not end it. */
  statement(): readonly Word[] {
    const taken: Word[] = [];
    let depth = 0;
    for (; this.#at < this.#words.length; this.#at++) {
      const word = this.#words[this.#at];
      if (word === undefined) break;
      const isSign = !word.isString;
      if (depth === 0 && isSign && (word.text === '\n' || word.text === ';' || word.text === '}')) break;
      if (isSign && word.text === '{') depth++;
      if (isSign && word.text === '}') depth--;
      if (word.text !== '\n' || word.isString) taken.push(word);
    }
    return taken;
  }

  /** The words inside the braces that begin here, without them; null where they do not end. */
  block(): readonly Word[] | null {
    if (!this.take('{')) return null;
    const taken: Word[] = [];
    let depth = 1;
    for (; this.#at < this.#words.length; this.#at++) {
      const word = this.#words[this.#at];
      if (word === undefined) return null;
      if (!word.isString && word.text === '{') depth++;
      if (!word.isString && word.text === '}' && --depth === 0) {
        this.#at++;
        return taken;
      }
      taken.push(word);
    }
    return null;
  }
}

/** The parts between commas. */
export function parted(words: readonly Word[]): readonly (readonly Word[])[] {
  const parts: Word[][] = [[]];
  for (const word of words)
    if (word.text === ',' && !word.isString) parts.push([]);
    else if (word.text !== '\n' || word.isString) parts.at(-1)?.push(word);
  return parts.filter((part) => part.length > 0);
}

/** Where these words stand behind an element of a set, they say something about it that is no part of its value. */
const OF_ELEMENTS: ReadonlySet<string> = new Set([
  'timeout',
  'expires',
  'comment',
  'counter',
  'limit',
  'quota',
  'last',
]);

export interface Element {
  readonly value: readonly string[];
  /** Words behind a colon: the verdict of a map. */
  readonly mapped: readonly Word[] | null;
  readonly hasTimeout: boolean;
}

/** Elements of a set or map as written between braces. */
export function elementsOf(words: readonly Word[]): readonly Element[] {
  return parted(words).map((part) => {
    const colon = part.findIndex((word) => word.text === ':' && !word.isString);
    const left = colon < 0 ? part : part.slice(0, colon);
    const end = left.findIndex((word) => OF_ELEMENTS.has(word.text) && !word.isString);
    const value = end < 0 ? left : left.slice(0, end);
    return {
      value: tupleOf(value),
      mapped: colon < 0 ? null : part.slice(colon + 1),
      hasTimeout: left.some((word) => (word.text === 'timeout' || word.text === 'expires') && !word.isString),
    };
  });
}

/** `a . b` is two values; `"08:00"-"18:00"` is one. */
function tupleOf(words: readonly Word[]): readonly string[] {
  const tuple: string[] = [''];
  for (const word of words)
    if (word.text === '.' && !word.isString) tuple.push('');
    else tuple.push(`${tuple.pop() ?? ''}${word.text}`);
  return tuple;
}
