// The files of the logon's page, as they are served to anybody. They hold no secret and nothing of anybody: what the page shows it asks of the API.

import { LOGIN_HTML } from './html.ts';
import { LOGIN_SCRIPT } from './script.ts';
import { LOGIN_STYLE } from './style.ts';
import { LOGIN_VIEWS } from './views.ts';

export interface PageFile {
  readonly mediaType: string;
  readonly content: string;
}

/** Path → file. */
export function loginFiles(): ReadonlyMap<string, PageFile> {
  const html = { mediaType: 'text/html; charset=utf-8', content: LOGIN_HTML };
  return new Map([
    ['/login', html],
    ['/login/', html],
    ['/login/login.css', { mediaType: 'text/css; charset=utf-8', content: LOGIN_STYLE }],
    ['/login/login.js', { mediaType: 'text/javascript; charset=utf-8', content: LOGIN_SCRIPT }],
    ['/login/views.js', { mediaType: 'text/javascript; charset=utf-8', content: LOGIN_VIEWS }],
  ]);
}
