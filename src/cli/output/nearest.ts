// The known word that a mistyped one most likely meant. For help lines only: nothing is ever guessed silently.

/** Edits that still count as a slip of the finger. */
const EDITS_MAX = 2;

/** The closest of `words` within two edits, or null. */
export function nearest(input: string, words: readonly string[]): string | null {
  let best: string | null = null;
  let least = EDITS_MAX + 1;
  for (const word of words) {
    if (Math.abs(word.length - input.length) > EDITS_MAX) continue;
    const edits = editsBetween(input, word);
    if (edits < least) {
      least = edits;
      best = word;
    }
  }
  return best;
}

/** Levenshtein distance, row by row. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (isSame ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
