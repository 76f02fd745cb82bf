// What is looked at to say how the controller is: database, ledger, room on the disk, clock, certificate, agents, changes that wait.

import { statfs } from 'node:fs/promises';
import { type Authority, AuthorityError } from '#authority';
import type { Recorder } from '#ledger';
import { timeOf } from '#routes';
import {
  allDomains,
  countBehind,
  databaseNow,
  newestRevisionAt,
  overduePolicies,
  type Store,
  waitingPolicies,
} from '#store';
import type { Ailment, HealthSource } from './health.ts';

const MB = 1_024 * 1_024;
/** Below the first there is time to make room; below the second the next write may fail. */
const ROOM_BYTES_LOW = 512 * MB;
const ROOM_BYTES_LEAST = 32 * MB;
/** Clocks of controllers and databases agree to a second where NTP runs; certificates and deadlines bear a few. */
const CLOCK_MS_MAX = 10_000;
const DAY_MS = 86_400_000;
const CERTIFICATE_MS_LOW = 7 * DAY_MS;

export interface Looked {
  readonly store: Store;
  readonly recorder: Pick<Recorder, 'health'>;
  readonly now: () => number;
  readonly elapsed: () => number;
  /** The data folder. */
  readonly folder: string;
  readonly authority: Pick<Authority, 'health'>;
  readonly validity: () => { readonly fromMs: number; readonly untilMs: number };
}

export function sourcesOf({
  store,
  recorder,
  now,
  elapsed,
  folder,
  authority,
  validity,
}: Looked): readonly HealthSource[] {
  return [
    databaseHealth(store),
    ledgerHealth(recorder),
    roomHealth(folder),
    clockHealth({ now, elapsed, newestMs: () => newestRevisionAt(store.db), databaseNow: () => databaseNow(store) }),
    certificateHealth(validity, now),
    waitingHealth(store, now),
    agentsHealth(store, now),
    authorityHealth({ store, authority, now }),
  ];
}

export function databaseHealth(store: Store): HealthSource {
  return {
    name: 'database',
    look: async () => {
      await allDomains(store.db);
      return [];
    },
  };
}

export function ledgerHealth(recorder: Pick<Recorder, 'health'>): HealthSource {
  return {
    name: 'ledger',
    look: async () => {
      const health = recorder.health();
      if (health.state === 'ready') return [];
      return [{ code: health.code, severity: 'error', message: health.why, help: health.help }];
    },
  };
}

export function roomHealth(folder: string): HealthSource {
  return {
    name: 'disk',
    look: async () => {
      const { bavail, bsize } = await statfs(folder);
      const free = bavail * bsize;
      if (free >= ROOM_BYTES_LOW) return [];
      const isLeast = free < ROOM_BYTES_LEAST;
      return [
        {
          code: isLeast ? 'PICKET-C812' : 'PICKET-C811',
          severity: isLeast ? 'error' : 'warning',
          message: `${Math.floor(free / MB)} MB are left on the disk of "${folder}"`,
          help: 'make room, or move the data folder to a larger disk; changes are refused before anything is half written',
        },
      ];
    },
  };
}

export interface Clocks {
  readonly now: () => number;
  /** Time that no setting of the clock moves, in milliseconds. */
  readonly elapsed: () => number;
  /** The database's clock, or null where it is this machine's. */
  readonly databaseNow: () => Promise<number | null>;
  /** The newest time that was ever written down, or null. */
  readonly newestMs: () => Promise<number | null>;
}

/** The clock against a steady one, against what was written before, and against the database's. */
export function clockHealth({ now, elapsed, databaseNow, newestMs }: Clocks): HealthSource {
  let offset = now() - elapsed();
  let setAt = Number.NEGATIVE_INFINITY;
  return {
    name: 'clock',
    look: async () => {
      const moved = now() - elapsed() - offset;
      if (Math.abs(moved) > CLOCK_MS_MAX) {
        offset += moved;
        setAt = elapsed();
      }
      const newest = await newestMs();
      if (newest !== null && newest - now() > CLOCK_MS_MAX)
        return [wrong(`it shows a time before that of the newest change, ${timeOf(newest)}`)];
      const other = await databaseNow();
      if (other !== null && Math.abs(other - now()) > CLOCK_MS_MAX)
        return [wrong(`it differs from the database's by ${Math.round(Math.abs(other - now()) / 1_000)} s`)];
      return elapsed() - setAt < SET_TOLD_MS ? [wrong('it was set while the controller runs')] : [];
    },
  };
}

/** A clock that was set is told this long. */
const SET_TOLD_MS = 60_000;

function wrong(how: string): Ailment {
  return {
    code: 'PICKET-C813',
    severity: 'error',
    message: `the clock of this machine is wrong: ${how}`,
    help: 'set it, and let NTP keep it; deadlines, certificates and logons go by it',
  };
}

export function certificateHealth(
  validity: () => { readonly fromMs: number; readonly untilMs: number },
  now: () => number,
): HealthSource {
  return {
    name: 'certificate',
    look: async () => {
      const { fromMs, untilMs } = validity();
      const help = 'renew the files, or let the controller make its own certificate; picket explain PICKET-C815';
      if (now() >= untilMs)
        return [
          { code: 'PICKET-C815', severity: 'error', message: `the certificate expired at ${timeOf(untilMs)}`, help },
        ];
      if (now() < fromMs)
        return [
          {
            code: 'PICKET-C815',
            severity: 'error',
            message: `the certificate is not valid before ${timeOf(fromMs)}`,
            help,
          },
        ];
      if (untilMs - now() > CERTIFICATE_MS_LOW || untilMs - fromMs <= CERTIFICATE_MS_LOW * 2) return [];
      return [
        { code: 'PICKET-C814', severity: 'warning', message: `the certificate expires at ${timeOf(untilMs)}`, help },
      ];
    },
  };
}

/** Changes that wait, and those that should have gone back by now. */
export function waitingHealth(store: Store, now: () => number): HealthSource {
  return {
    name: 'changes that wait',
    look: async () => {
      const overdue = await overduePolicies(store.db, now() - OVERDUE_MS);
      if (overdue.length > 0)
        return [
          {
            code: 'PICKET-C817',
            severity: 'error',
            message: `${overdue.length} changes that nobody confirmed could not be taken back yet`,
            help: 'see what else is not well here: it is tried again every second',
          },
        ];
      const waiting = await waitingPolicies(store.db);
      if (waiting === 0) return [];
      return [
        {
          code: 'PICKET-C816',
          severity: 'warning',
          message: `${waiting} policy changes wait to be confirmed`,
          help: 'confirm from a new session: picket policy confirm; they go back by themselves',
        },
      ];
    },
  };
}

const OVERDUE_MS = 15_000;

/** Agents that are away, or did not take the newest revision. They enforce what they have. */
function agentsHealth(store: Store, now: () => number): HealthSource {
  return {
    name: 'agents',
    look: async () => {
      const behind = await countBehind(store.db, now() - BEHIND_MS);
      if (behind === 0) return [];
      return [
        {
          code: 'PICKET-C818',
          severity: 'warning',
          message: `${behind} agents are away, or have not taken the newest revision for a minute`,
          help: 'picket agent ls says which; they enforce what they have',
        },
      ];
    },
  };
}

const BEHIND_MS = 60_000;

/** Keys that end soon. One of each code: the authority of each domain tells more. */
export function authorityHealth({ store, authority, now }: Pick<Looked, 'store' | 'authority' | 'now'>): HealthSource {
  return {
    name: 'authority',
    look: async () => {
      const ailments: Ailment[] = [];
      for (const { id, made_at } of await allDomains(store.db))
        ailments.push(...(await authority.health(id).catch((error: unknown) => unmade(error, now() - made_at))));
      return ailments;
    },
  };
}

/** The authority of a domain is made right after the domain, perhaps by another controller. */
const MAKING_MS = 60_000;
const NO_KEY = 'PICKET-C345';

function unmade(error: unknown, ageMs: number): readonly Ailment[] {
  if (!(error instanceof AuthorityError) || error.code !== NO_KEY) throw error;
  if (ageMs >= 0 && ageMs < MAKING_MS) return [];
  const { code, message } = error;
  return [{ code, severity: 'error', message, help: 'start the controller again: it makes what is missing' }];
}
