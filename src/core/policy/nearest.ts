// The known word that a mistyped one most likely meant. For help lines only: nothing is ever guessed silently.

/** Edits that still count as a slip of the finger. */
const EDITS_MAX = 2;
/** Words longer than this are not compared: the cost grows with the square. */
const LENGTH_MAX = 64;
/** Words looked at, so that a policy of many elements with many slips stays quick. */
const WORDS_MAX = 2_000;

/** `did you mean "x"?`, or `fallback` when nothing is near. */
export function didYouMean(input: string, words: readonly string[], fallback: string | null = null): string | null {
  const guess = nearest(input, words);
  return guess === null ? fallback : `did you mean "${guess}"?`;
}

/** The closest of `words` within two edits (one for words of up to three letters), or null. */
export function nearest(input: string, words: readonly string[]): string | null {
  if (input.length > LENGTH_MAX) return null;
  let best: string | null = null;
  let least = (input.length <= 3 ? 1 : EDITS_MAX) + 1;
  for (const word of words.slice(0, WORDS_MAX)) {
    if (Math.abs(word.length - input.length) >= least) continue;
    const edits = editsBetween(input.toLowerCase(), word.toLowerCase());
    // A word of which half is wrong was not a slip.
    if (edits >= least || edits * 2 >= input.length) continue;
    least = edits;
    best = word;
  }
  return best;
}

/** Edits of the restricted Damerau kind: two neighbours exchanged count as one. */
function editsBetween(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
