// `picket explain`: one page for a code or a reason.

import { REASONS } from '#model';
import { CODE_PAGES, type Page } from './pages.ts';
import { REASON_PAGES } from './reason-pages.ts';

/** Every code and reason that has a page: codes first. */
export function codes(): readonly string[] {
  return [...CODE_PAGES.keys(), ...REASONS];
}

/** The page, or null for what is no code of this room and no reason. */
export function explain(code: string): string | null {
  const found = CODE_PAGES.get(code);
  if (found !== undefined) return written(code, found);
  const reason = REASONS.find((known) => known === code);
  return reason === undefined ? null : written(reason, REASON_PAGES[reason]);
}

function written(code: string, { title, body, example, remedy }: Page): string {
  const shown = example === '' ? '' : `\nExample\n    ${example}\n`;
  return `${code}: ${title}\n\n${body}\n${shown}\nWhat to do\n    ${remedy}\n`;
}
