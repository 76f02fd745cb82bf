// A browser without a screen: keeps cookies by origin, follows redirects, submits forms that ask nothing. For tests of logons at an identity provider.

import { request } from 'node:https';

export interface Visit {
  readonly url: string;
  readonly status: number;
  readonly body: string;
}

const HOPS_MAX = 20;

export class Visitor {
  readonly #authorities: readonly string[];
  readonly #jars = new Map<string, Map<string, string>>();

  constructor(authorities: readonly string[]) {
    this.#authorities = authorities;
  }

  cookie(origin: string, name: string): string | null {
    return this.#jars.get(origin)?.get(name) ?? null;
  }

  /** One request, redirects not followed. */
  async ask(address: string, form: string | null = null): Promise<Visit & { readonly location: string | null }> {
    const url = new URL(address);
    const jar = this.#jars.get(url.origin) ?? new Map<string, string>();
    this.#jars.set(url.origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    return new Promise((resolve, reject) => {
      const sent = request(
        url,
        {
          method: form === null ? 'GET' : 'POST',
          ca: [...this.#authorities],
          agent: false,
          headers: {
            ...(cookie === '' ? {} : { cookie }),
            ...(form === null ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          },
        },
        (response) => {
          let body = '';
          response.setEncoding('utf8');
          response.on('data', (text: string) => {
            body += text;
          });
          response.on('end', () => {
            for (const one of response.headers['set-cookie'] ?? []) keep(jar, one);
            const { location } = response.headers;
            resolve({
              url: address,
              status: response.statusCode ?? 0,
              body,
              location: location === undefined ? null : new URL(location, url).href,
            });
          });
        },
      );
      sent.on('error', reject);
      sent.end(form ?? undefined);
    });
  }

  /** Goes on by redirects and forms until a page asks something or ends at `until`, which is not asked any more. */
  async go(address: string, until: (url: string) => boolean = () => false): Promise<Visit> {
    let visit = await this.ask(address);
    for (let hops = 0; hops < HOPS_MAX; hops++) {
      if (visit.location !== null) {
        if (until(visit.location)) return { ...visit, url: visit.location };
        visit = await this.ask(visit.location);
        continue;
      }
      const form = formOf(visit.body);
      if (form === null) return visit;
      visit = await this.ask(new URL(form.action, visit.url).href, form.fields);
    }
    throw new Error('the way has no end');
  }
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';');
  const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
  const isGone = /max-age=0|expires=Thu, 01 Jan 1970/i.test(line) || value === '';
  if (isGone) jar.delete(name.trim());
  else jar.set(name.trim(), value);
}

/** A form of hidden fields alone. */
function formOf(html: string): { readonly action: string; readonly fields: string } | null {
  const action = /<form[^>]* action="([^"]*)"/.exec(html)?.[1];
  if (action === undefined) return null;
  const fields = new URLSearchParams();
  for (const [tag] of html.matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(tag)?.[1];
    const value = /value="([^"]*)"/.exec(tag)?.[1];
    if (name !== undefined && value !== undefined) fields.set(name, value);
  }
  if (html.includes('name="confirm"')) fields.set('confirm', 'yes');
  return fields.size === 0 ? null : { action: action.replaceAll('&amp;', '&'), fields: String(fields) };
}
