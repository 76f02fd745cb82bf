// Lays out the long help of a command: what it does, then examples that work as printed.

export interface Example {
  readonly line: string;
  readonly what: string;
}

/** Text for stricli's `fullDescription`. */
export function description(text: string, examples: readonly Example[]): string {
  const lines = examples.map(({ line, what }) => `  ${line}\n      ${what}`);
  return `${wrapped(text)}\n\nEXAMPLES\n${lines.join('\n')}`;
}

const WIDTH = 78;

function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join('\n');
}
