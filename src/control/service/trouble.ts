// What the use cases refuse and why, each with a code of the route table. What policy texts are refused for is in checked.ts.

import { Refusal } from '#routes';
import type { PolicyHead } from '#store';
import type { OwnConnectionView } from './own-connection.ts';
import type { PendingView } from './pending.ts';

export function moved({ revision }: PolicyHead, seen: number): Refusal {
  return new Refusal({
    code: 'PICKET-C412',
    message: `the change is made on top of revision ${seen}, and ${revision} or a later one is in force; nothing was changed`,
    help: 'read the policy again, look at what is new (picket policy diff), and repeat your change on top',
  });
}

export function unchanged({ revision }: PolicyHead): Refusal {
  return new Refusal({
    code: 'PICKET-C706',
    message: `the text is that of revision ${revision}, which is in force; nothing was changed`,
  });
}

export function busy({ revision, by, deadline }: PendingView, now: number): Refusal {
  const seconds = Math.max(0, Math.ceil((Date.parse(deadline) - now) / 1_000));
  return new Refusal({
    code: 'PICKET-C710',
    message: `revision ${revision} by "${by}" waits to be confirmed for ${seconds} s; nothing was changed`,
    help: 'confirm it from a new session, or take it back: picket policy rollback',
    retryAfterSeconds: Math.max(1, seconds),
  });
}

export function losesSession({ from, to, port, reasons }: OwnConnectionView): Refusal {
  return new Refusal({
    code: 'PICKET-C711',
    message: `the policy would deny your own connection, ${from} to ${to}:${port} (${reasons.join(', ')}); nothing was changed`,
    help: 'add a rule for it, or go on all the same with: --lose-session',
  });
}

export function secondNeeded(): Refusal {
  return new Refusal({
    code: 'PICKET-C712',
    message:
      'this change touches what needs the consent of a second person, so it cannot be kept at once; nothing was changed',
    help: 'apply it with a time to confirm in, and let another approver confirm it',
  });
}

export function tokenUnsaid(): Refusal {
  return new Refusal({
    code: 'PICKET-C713',
    message:
      'an API token has no second session to confirm from, and the request does not say how long the change may wait; nothing was changed',
    help: 'say 0 to keep it at once, or a time in which a person confirms it',
  });
}

export function nothingWaits(): Refusal {
  return new Refusal({
    code: 'PICKET-C714',
    message: 'no change waits to be confirmed; nothing was changed',
    help: 'see: picket policy history',
  });
}

export function tooLate(revision: number): Refusal {
  return new Refusal({
    code: 'PICKET-C715',
    message: `the time to confirm revision ${revision} is over: it is being taken back`,
    help: 'apply it again',
  });
}

export function sameSession(revision: number): Refusal {
  return new Refusal({
    code: 'PICKET-C716',
    message: `this session was opened before revision ${revision} was applied, so it does not show that a new one can be; the change still waits`,
    help: 'log on again, from where you work, and confirm there: picket policy confirm',
  });
}

export function otherAuthor(revision: number, by: string): Refusal {
  return new Refusal({
    code: 'PICKET-C717',
    message: `revision ${revision} was applied by "${by}", who has to confirm it; the change still waits`,
    help: 'anybody who may apply can take it back: picket policy rollback',
  });
}

export function ownChange(revision: number): Refusal {
  return new Refusal({
    code: 'PICKET-C718',
    message: `revision ${revision} needs the consent of a second person, and you are its author; the change still waits`,
    help: 'let another approver confirm it: picket policy confirm',
  });
}

export function notAPerson(): Refusal {
  return new Refusal({
    code: 'PICKET-C713',
    message:
      'an API token cannot confirm a change: it does not show that people can still reach this controller; the change still waits',
    help: 'confirm it as a person, or apply with 0 seconds to confirm in',
  });
}
