// The address of a controller as people write it. Only the writing is judged.

import { EXIT } from '../exits.ts';
import { Failure } from '../failure.ts';
import { safeText } from '../output/text.ts';

const PORT = 7_443;

export interface Address {
  readonly host: string;
  readonly port: number;
  /** `https://host:port`, as contexts keep it. */
  readonly url: string;
}

/** `https://picket.example:7443`, or without the scheme or the port. */
export function addressOf(text: string): Address {
  const parsed = urlOf(text.includes('://') ? text : `https://${text}`);
  if (parsed === null || parsed.protocol !== 'https:' || parsed.hostname === '') throw unusable(text);
  const isPlain = parsed.username === '' && parsed.password === '' && parsed.search === '' && parsed.hash === '';
  if (!isPlain || parsed.pathname.replaceAll('/', '') !== '') throw unusable(text);
  // URL leaves out 443 as the usual one of https; here the usual one is the controller's.
  const port = parsed.port === '' ? (/:443\/?$/.test(text) ? 443 : PORT) : Number(parsed.port);
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  return { host, port, url: `https://${parsed.hostname}:${port}` };
}

function unusable(text: string): Failure {
  return new Failure({
    code: 'PICKET-C904',
    exit: EXIT.wrongUsage,
    message: `cannot read "${safeText(text)}" as the address of a controller`,
    help: 'write it like https://picket.example:7443',
  });
}

function urlOf(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
