// The page about the API says what the table says. Rewritten by `npm run golden` only.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { routes } from '#routes';
import { pageText } from './page.testing.ts';

const PAGE = fileURLToPath(new URL('../../docs/control/api.md', import.meta.url));

test('docs/control/api.md is made from the table', () => {
  const text = pageText(routes);
  if (process.env.PICKET_GOLDEN === 'rewrite') writeFileSync(PAGE, text);
  expect(text).toBe(readFileSync(PAGE, 'utf8'));
});
