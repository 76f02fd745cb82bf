// Refusals of the frame in words: what is needed of whoever asks, and how an error of a handler is told. Not the judgement itself.

import { type Access, apiErrors, type ErrorKind, errorKinds, type Judgement, Refusal } from '#routes';
import { type CodedError, codedError } from './answers.ts';

/** `where` is the domain for the message; it has been shown by whoever asks. */
export function refusalOf(judgement: Exclude<Judgement, 'allowed'>, access: Access): Refusal {
  const say = (code: string, message: string, help?: string): Refusal =>
    new Refusal({ code, message: `${message}; nothing was changed`, ...(help === undefined ? {} : { help }) });
  switch (judgement) {
    case 'logon':
      return say('PICKET-C401', 'cannot do this for somebody who is not logged on', 'log on with: picket login URL');
    case 'domain':
      return say('PICKET-C406', 'there is no such domain for you', 'picket whoami lists your domains');
    case 'role':
      return say('PICKET-C403', `your role does not allow this: ${neededOf(access)} is needed`);
    case 'scope':
      return say(
        'PICKET-C407',
        `the API token lacks a scope: ${access.kind === 'role' ? access.scope : 'one'} is needed`,
      );
    case 'person':
      return say('PICKET-C410', 'only a person in a session may do this, and an API token was shown');
    case 'fresh':
      return say(
        'PICKET-C409',
        'your logon is too long ago for this',
        'log on again, and repeat it within five minutes',
      );
    case 'agent':
      return say('PICKET-C419', 'only an agent may do this');
  }
}

function neededOf(access: Access): string {
  return access.kind === 'role' ? `the role ${access.role}` : 'a person or an API token';
}

export interface Told {
  readonly error: CodedError;
  readonly kind: ErrorKind;
  /** The error has to be looked at by whoever runs or builds the controller. */
  readonly isBug: boolean;
}

/** What a client is told of an error. What no kind speaks of says nothing of itself: it may hold paths or queries. */
export function toldOf(error: unknown, kinds: ReadonlyMap<string, ErrorKind> = errorKinds()): Told {
  const coded = codedError(error);
  const kind = coded === null ? undefined : kinds.get(coded.code);
  if (coded !== null && kind !== undefined) return { error: coded, kind, isBug: kind.status === 500 };
  if (coded !== null && isOutside(coded.code))
    return { error: away(coded.code), kind: apiErrors['PICKET-C441'], isBug: true };
  return { error: bug(), kind: apiErrors['PICKET-C440'], isBug: true };
}

/** Store, bus and ledger (C100 to C249) fail for reasons outside the program: a database that is down, a full disk. */
function isOutside(code: string): boolean {
  return /^PICKET-C(?:1\d\d|2[0-4]\d)$/.test(code);
}

function away(code: string): Refusal {
  return new Refusal({
    code: 'PICKET-C441',
    message: `something that the controller needs is away (${code}); nothing was changed`,
    help: `picket explain ${code}`,
    retryAfterSeconds: 5,
  });
}

function bug(): Refusal {
  return new Refusal({
    code: 'PICKET-C440',
    message: 'the controller met a bug in itself; its log has more under the trace of this answer',
    help: 'please report the lines of the log',
  });
}
