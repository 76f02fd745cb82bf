// What people's routes refuse with, PICKET-C502 to C599: kinds with their pages. Those of a session that is over stand in error-kinds.ts. Not the routes.

import type { ErrorKinds } from './error-kinds.ts';

export const logonErrors = {
  'PICKET-C502': {
    status: 403,
    title: 'the logon was refused',
    page: [
      'The passkey is not known here, its proof does not hold, or it took longer than five minutes or was used before. Which of these is not said, so that nothing can be found out by trying. Nothing was changed.',
      'Begin anew. Whoever lost a passkey asks an owner for a new link: picket users link',
    ],
  },
  'PICKET-C504': {
    status: 429,
    title: 'too many logons failed from there',
    page: [
      'After many failures logons from that address wait up to fifteen minutes. Other addresses, and browsers that logged on before, are not slowed down: nobody can lock out another. Nothing was changed.',
      'Wait as long as "Retry-After" says.',
    ],
  },
} as const satisfies ErrorKinds;

export const linkErrors = {
  ...logonErrors,
  'PICKET-C505': {
    status: 403,
    title: 'the link does not hold',
    page: [
      'Links to log on are used once, by one person, in a short time: ten minutes for the first owner, a day for somebody who was invited. This one was used, ran out, or is not from here. Nothing was changed.',
      'The first owner starts the controller again for a new one; everybody else asks an owner: picket users link',
    ],
  },
  'PICKET-C512': {
    status: 422,
    title: 'the passkey cannot be taken',
    page: [
      'The browser or the key gave something else than was asked for: another challenge or site, no proof by PIN, finger or face, a key of an unknown kind, or one that is here already. Nothing was changed.',
      'Use a browser and a key that check who you are.',
    ],
  },
} as const satisfies ErrorKinds;

export const deviceErrors = {
  'PICKET-C506': {
    status: 403,
    title: 'the code does not hold',
    page: [
      'Codes of programs that wait to be let in hold for ten minutes and are used once. This one was decided, ran out, or never was. Nothing was changed.',
      'Begin anew with: picket login',
    ],
  },
  'PICKET-C507': {
    status: 429,
    title: 'too many codes stand open',
    page: [
      'Each address may have five programs waiting to be let in, and the controller ten thousand in all. Nothing was changed.',
      'Decide or leave the open ones: each ends within ten minutes.',
    ],
  },
} as const satisfies ErrorKinds;

export const passkeyErrors = {
  'PICKET-C510': {
    status: 409,
    title: 'it is the last passkey',
    page: [
      'Without it you could not log on any more. Nothing was changed.',
      'Add another passkey first, or let an owner remove you.',
    ],
  },
  'PICKET-C511': {
    status: 409,
    title: 'there are too many passkeys',
    page: ['One person has at most twenty. Nothing was changed.', 'Remove one that is not used any more.'],
  },
} as const satisfies ErrorKinds;

export const userErrors = {
  'PICKET-C520': {
    status: 409,
    title: 'it is the last owner',
    page: [
      'Without an owner who can log on nobody could give roles any more. Somebody who was invited counts once they have a passkey. Nothing was changed.',
      'Make somebody else an owner first.',
    ],
  },
  'PICKET-C521': {
    status: 409,
    title: 'the person has roles that are not yours to give',
    page: [
      'A link lets its bearer in as that person, everywhere. So only somebody who is an owner wherever that person has a role may make one. Nothing was changed.',
    ],
  },
  'PICKET-C522': {
    status: 409,
    title: 'the person has a role there already',
    page: ['Nothing was changed.', 'Change the role instead: picket users role'],
  },
} as const satisfies ErrorKinds;

export const tokenErrors = {
  'PICKET-C530': {
    status: 403,
    title: 'the token would be wider than you',
    page: [
      'An API token has at most the roles of the person who makes it, and loses what they lose. Nothing was changed.',
      'picket whoami lists your roles.',
    ],
  },
  'PICKET-C531': {
    status: 409,
    title: 'there are too many API tokens',
    page: ['One person has at most fifty. Nothing was changed.', 'Remove one that is not used any more.'],
  },
} as const satisfies ErrorKinds;

export const oidcErrors = {
  'PICKET-C540': {
    status: 404,
    title: 'there is no such identity provider',
    page: ['The controller is not configured for it. Nothing was changed.', 'picket login lists those there are.'],
  },
  'PICKET-C541': {
    status: 503,
    title: 'the identity provider does not answer as it should',
    page: [
      'It is away, its answer is not as OpenID Connect describes, or it names addresses that are not allowed for it in the configuration of the controller. Nothing was changed. The log of the controller says which.',
      'Log on with a passkey meanwhile.',
    ],
  },
  'PICKET-C542': {
    status: 403,
    title: 'the identity has no role here',
    page: [
      'The identity provider says who you are, but none of your groups is given a role in the configuration of this controller, or the logon was broken off there. Nothing was changed.',
      'Ask an owner.',
    ],
  },
} as const satisfies ErrorKinds;
