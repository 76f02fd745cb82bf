// Which authority a controller is believed by: a file, a fingerprint, this system, or what a person compares and says yes to. Silence is no yes.

import type { Desk } from '../context.ts';
import { EXIT } from '../exits.ts';
import { Failure, fileFailure } from '../failure.ts';
import type { Shown } from '../machine.ts';
import { endText, safeText } from '../output/text.ts';

export interface TrustFlags {
  readonly ca?: string;
  readonly fingerprint?: string;
}

/** PEM with a chain is some kilobytes. */
const PEM_BYTES_MAX = 256 * 1_024;

/** PEM of the authority to keep to; null: those of this system vouch for the controller. */
export async function trustedAuthority(
  desk: Desk,
  { host, port }: { readonly host: string; readonly port: number },
  { ca, fingerprint }: TrustFlags,
): Promise<string | null> {
  if (ca !== undefined) return pemOf(desk, ca);
  const shown = await shownBy(desk, { host, port });
  if (fingerprint !== undefined) {
    if (plain(fingerprint) === shown.fingerprint) return shown.authority;
    throw untrusted(`the controller shows another authority than stated: ${shown.fingerprint}`);
  }
  if (shown.isTrusted) return null;
  desk.say(`This system does not know the authority of ${safeText(endText(host, port))}. Its SHA-256 fingerprint:`);
  desk.say(`   ${spaced(shown.fingerprint)}`);
  const answer = await desk.io.machine.ask('Is it the one that the controller tells where it runs? [y/N] ');
  if (answer !== null && /^\s*y(es)?\s*$/i.test(answer)) return shown.authority;
  throw untrusted(answer === null ? 'nobody is there to compare the fingerprint' : 'the fingerprint was not confirmed');
}

async function shownBy(desk: Desk, { host, port }: { readonly host: string; readonly port: number }): Promise<Shown> {
  try {
    return await desk.io.machine.shown({ host, port, authority: null });
  } catch (error) {
    throw new Failure({
      code: 'PICKET-C451',
      exit: EXIT.unreachable,
      message: `cannot reach a controller at ${safeText(endText(host, port))}: ${safeText(error instanceof Error ? error.message : String(error))}`,
      help: 'see that it runs there, with: picket controller status',
    });
  }
}

async function pemOf({ io }: Desk, path: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of io.read(path)) {
      bytes += piece.length;
      if (bytes > PEM_BYTES_MAX) break;
      pieces.push(piece);
    }
  } catch (error) {
    throw fileFailure('read', path, error);
  }
  const text = Buffer.concat(pieces).toString('utf8');
  if (bytes <= PEM_BYTES_MAX && text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw untrusted(`"${safeText(path)}" holds no certificate in PEM`);
}

function plain(fingerprint: string): string {
  return fingerprint.replace(/[\s:]|^sha256:/gi, '').toLowerCase();
}

/** Groups of four, so that two people can read them to each other. */
function spaced(fingerprint: string): string {
  return (fingerprint.match(/.{1,4}/g) ?? []).join(' ');
}

function untrusted(why: string): Failure {
  return new Failure({
    code: 'PICKET-C905',
    exit: EXIT.refused,
    message: `refused: ${why}; nothing was sent`,
    help: 'state the authority with --ca FILE or --fingerprint HEX',
  });
}
