// JSON with comments, seen as YAML: `//` and `/* */` become `#` comments of the same length, so every offset stays true.

/** The text itself unless it begins with `{`. */
export function blankJsonComments(text: string): string {
  if (!/^\s*(\/\/|\/\*|\{)/.test(text) || !/\/[/*]/.test(text)) return text;
  // Strings first, so that a comment sign inside one is left alone; a sign must follow white space or punctuation.
  return text.replace(
    /"(?:[^"\\\r\n]|\\.)*"|(^|[\s,{}[\]:"])\/\/([^\r\n]*)|\/\*[\s\S]*?(?:\*\/|(?![\s\S]))/gm,
    (found, before: string | undefined, rest: string | undefined, at: number) => {
      if (found.startsWith('"')) return found;
      if (found.startsWith('/*')) return blockComment(found, isLineEnd(text, at + found.length));
      return lineComment(before ?? '', rest ?? '');
    },
  );
}

function lineComment(before: string, rest: string): string {
  // A `#` needs white space before it, which the first slash becomes.
  return `${before} #${rest}`;
}

function isLineEnd(text: string, at: number): boolean {
  return /^[ \t]*(\r|\n|$)/.test(text.slice(at, at + 200));
}

/** A block comment that ends its line becomes `#` lines; one with more text behind it is blanked. */
function blockComment(found: string, isLast: boolean): string {
  if (!isLast) return found.replace(/[^\r\n]/g, ' ');
  const inner = `  ${found.slice(2).replace(/\*\/$/, '  ')}`;
  return inner
    .split(/(\r\n|\n|\r)/)
    .map((line, at) => (at % 2 === 1 || line.trim() === '' ? line : hashed(line)))
    .join('');
}

/** The character before the first visible one becomes `#`, so the length stays. */
function hashed(line: string): string {
  const at = line.search(/\S/);
  if (at >= 2) return `${line.slice(0, at - 1)}#${line.slice(at)}`;
  return `#${line.slice(1)}`;
}
