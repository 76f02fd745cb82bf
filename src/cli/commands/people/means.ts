// Ways to log on from a command line: a code that a person lets in from a browser, an identity provider's code, an API token from standard input. Nothing is kept here.

import type { Client, Outcome, Routes } from '#routes';
import type { Desk } from '../../context.ts';
import { EXIT } from '../../exits.ts';
import { Failure } from '../../failure.ts';
import { safeText } from '../../output/text.ts';
import { answeredBy } from '../../remote/asking.ts';

export interface Granted {
  readonly secret: string;
  readonly endsAt: string | null;
}

interface Reached {
  readonly client: Client;
  readonly routes: Routes;
}

/** A token is one line; whatever is longer is none. */
const TOKEN_BYTES_MAX = 1_024;
/** Polls of one logon: ten minutes at two seconds, and room. */
const POLLS_MAX = 400;
const SECOND_MS = 1_000;

export async function grantedByCode(desk: Desk, { client, routes }: Reached): Promise<Granted> {
  const host = ((await desk.io.machine.text('/proc/sys/kernel/hostname')) ?? '').trim();
  const program = host === '' ? 'picket' : `picket on ${host}`.slice(0, 80);
  const { value } = await answeredBy(desk, client.call(routes.logon.deviceBegin, { body: { program } }));
  askPerson(desk, value);
  return untilGranted(desk, value.intervalSeconds, () =>
    client.call(routes.logon.devicePoll, { body: { secret: value.secret } }),
  );
}

export async function grantedByIssuer(desk: Desk, { client, routes }: Reached, issuer: string): Promise<Granted> {
  const params = { issuer };
  const { value } = await answeredBy(desk, client.call(routes.logon.oidcDevice, { params }));
  askPerson(desk, value);
  return untilGranted(desk, value.intervalSeconds, () =>
    client.call(routes.logon.oidcPoll, { params, body: { handle: value.handle } }),
  );
}

/** From standard input: a command line is seen by everybody on the machine and kept in histories. */
export async function tokenGiven({ io }: Desk): Promise<Granted> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of io.read('-')) {
    bytes += piece.length;
    if (bytes > TOKEN_BYTES_MAX) break;
    pieces.push(piece);
  }
  const secret = Buffer.concat(pieces).toString('utf8').trim();
  if (/^pkt_[A-Za-z0-9_-]{43}$/.test(secret)) return { secret, endsAt: null };
  throw new Failure({
    code: 'PICKET-C907',
    exit: EXIT.wrongUsage,
    message: 'standard input holds no API token; nothing was kept',
    help: 'a token begins with "pkt_"; make one with: picket tokens api make',
  });
}

function askPerson({ say }: Desk, { page, code }: { readonly page: string; readonly code: string }): void {
  say('Open this page in a browser, log on there, and let this program in:');
  say(`   ${safeText(page)}`);
  say(`It has to show the code  ${safeText(code)}`);
}

type Polled =
  | { readonly state: 'waiting'; readonly intervalSeconds: number }
  | { readonly state: 'denied' }
  | { readonly state: 'granted'; readonly secret: string; readonly session: { readonly endsAt: string } };

async function untilGranted(desk: Desk, seconds: number, poll: () => Promise<Outcome<Polled>>): Promise<Granted> {
  let pause = seconds;
  for (let polls = 0; polls < POLLS_MAX; polls++) {
    await desk.io.machine.wait(Math.max(1, pause) * SECOND_MS);
    const { value } = await answeredBy(desk, poll());
    if (value.state === 'granted') return { secret: value.secret, endsAt: value.session.endsAt };
    if (value.state === 'denied') throw notLetIn('refused in the browser');
    pause = value.intervalSeconds;
  }
  throw notLetIn('not let in in time');
}

function notLetIn(how: string): Failure {
  return new Failure({
    code: 'PICKET-C906',
    exit: EXIT.notAllowed,
    message: `the logon was ${how}; nothing was kept`,
    help: 'begin anew with: picket login URL',
  });
}
