// `picket join` and `picket leave`: this machine becomes a member of a controller's domain, or gives that up. What it enforces is not touched by either.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { Failure, isCodeOf } from '../../failure.ts';
import { description } from '../../help.ts';
import { statusOrNull } from '../../live/begin.ts';
import { ASK_FLAGS, type AskFlags, doDeed } from '../../live/change.ts';
import { agentOf, STATE_FLAG, type StateFlags } from '../../live/place.ts';
import { safeText } from '../../output/text.ts';
import { word } from '../parameters.ts';
import { surroundingsOf } from './doctor.ts';

interface Flags extends StateFlags, AskFlags {
  readonly name?: string;
}

export const joinCommand = buildCommand<Flags, [link: string], PicketContext>({
  func: command(joinDomain),
  parameters: {
    flags: {
      ...ASK_FLAGS,
      name: {
        kind: 'parsed',
        parse: word,
        optional: true,
        brief: 'Name of this machine, where the link is for a whole path',
        placeholder: 'NAME',
      },
      state: STATE_FLAG,
    },
    positional: {
      kind: 'tuple',
      parameters: [
        { parse: word, brief: 'the link, in quotes, as "picket tokens enrol" printed it', placeholder: 'LINK' },
      ],
    },
  },
  docs: {
    brief: 'Let a controller manage this machine',
    fullDescription: description(
      'Makes keys on this machine, proves them to the controller that the link names, and keeps the certificate it gets. The controller is known by the fingerprint in the link, not by its address. From then on the policy comes from there; without a controller the last good one stays in force.',
      [
        {
          line: "picket join 'https://picket.example:7443/join#v1.…'",
          what: 'quote the link: what follows # is the token',
        },
        { line: 'picket status', what: 'shows controller, revision and connection' },
      ],
    ),
  },
});

export const leaveCommand = buildCommand<StateFlags & AskFlags, [], PicketContext>({
  func: command(leaveDomain),
  parameters: { flags: { ...ASK_FLAGS, state: STATE_FLAG } },
  docs: {
    brief: 'Give up the membership of this machine',
    fullDescription: description(
      'Forgets domain, keys and certificate. The policy in force stays and is a local one from then on. The identity is not revoked by that: do it at the controller with picket identities revoke.',
      [{ line: 'picket leave', what: 'this machine is managed here again' }],
    ),
  },
});

async function joinDomain(desk: Desk, flags: Flags, link: string): Promise<Exit> {
  const { stateFolder, socket } = surroundingsOf(desk.io, flags);
  return doDeed(desk, flags, {
    plan: 'keys are made here and a certificate is asked for; then the policy comes from the domain of the link',
    ask: async () => {
      const { join, linkFolder } = await import('#link');
      const membership = await refusing(() =>
        join({ link, path: flags.name ?? null, folder: linkFolder(stateFolder), now: () => desk.io.now() }),
      );
      const running = await statusOrNull(desk, socket);
      if (running !== null) return agentOf(desk, flags).ask('relink', {});
      return { message: `this machine is ${membership.id}; its agent is not running: picket up`, undo: 'picket leave' };
    },
  });
}

async function leaveDomain(desk: Desk, flags: StateFlags & AskFlags): Promise<Exit> {
  const { stateFolder, socket } = surroundingsOf(desk.io, flags);
  return doDeed(desk, flags, {
    plan: 'domain, keys and certificate are forgotten; the policy in force stays',
    ask: async () => {
      if ((await statusOrNull(desk, socket)) !== null) return agentOf(desk, flags).ask('leave', {});
      const { linkFolder, readMembership, removeMembership } = await import('#link');
      const folder = linkFolder(stateFolder);
      const membership = await refusing(async () => readMembership(folder));
      await refusing(async () => removeMembership(folder));
      const domain = membership === null ? 'no domain' : `"${membership.domain}"`;
      return { message: `this machine has left ${domain}`, undo: null };
    },
  });
}

/** Refusals of the link as failures of a command. */
export async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { LinkError } = await import('#link');
    if (!(error instanceof LinkError)) throw error;
    const { code, message, help } = error;
    throw new Failure({
      code: isCodeOf(code, 'C') ? code : 'PICKET-C653',
      exit: code === 'PICKET-C660' ? EXIT.unreachable : EXIT.refused,
      message: safeText(message),
      ...(help === null ? {} : { help: safeText(help) }),
    });
  }
}
