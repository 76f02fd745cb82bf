// The printer for HTML: every value put into a page goes through it and is escaped. Not a template engine.

/** Text that is already HTML. Made only by `html` and `joined`. */
export interface Html {
  readonly markup: string;
}

type Part = Html | string | number | readonly (Html | string | number)[];

/** Tagged template: strings and numbers are escaped, `Html` and lists of it are put in as they are. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let markup = strings[0] ?? '';
  for (const [at, part] of parts.entries()) markup += markupOf(part) + (strings[at + 1] ?? '');
  return { markup };
}

export const NOTHING: Html = { markup: '' };

function markupOf(part: Part): string {
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return String(part);
  if ('markup' in part) return part.markup;
  return part.map(markupOf).join('');
}

function escaped(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}
