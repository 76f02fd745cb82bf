// What the commands of the authority share: names of identities as people write them, times, flags. No command lives here.

import { MILLISECOND } from '#model';
import { localTimeText } from '../../output/text.ts';
import { REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { JSON_FLAG, word } from '../parameters.ts';

export interface AuthorityFlags extends RemoteFlags {
  readonly json?: boolean;
}

export const AUTHORITY_FLAGS = { ...REMOTE_FLAGS, json: JSON_FLAG } as const;

export const IDENTITY = {
  kind: 'tuple',
  parameters: [{ parse: word, brief: 'kind/path, or the whole spiffe:// id', placeholder: 'ID' }],
} as const;

export const WHY_FLAG = { kind: 'parsed', parse: word, brief: 'Why, for the record', placeholder: 'TEXT' } as const;

/** `gateway/north` in a domain, or an id as it is. */
export function identityText(name: string, domain: string): string {
  return name.includes('://') ? name : `spiffe://${domain}/${name}`;
}

/** An identity as it stands in a path of the API. */
export function identityKey(name: string, domain: string): string {
  return Buffer.from(identityText(name, domain), 'utf8').toString('base64url');
}

/** Without what is the same for all of a domain. */
export function shortName(id: string, domain: string): string {
  const stem = `spiffe://${domain}/`;
  return id.startsWith(stem) ? id.slice(stem.length) : id;
}

export function timeText(iso: string | null): string {
  return iso === null ? '' : localTimeText(Date.parse(iso) * MILLISECOND);
}
