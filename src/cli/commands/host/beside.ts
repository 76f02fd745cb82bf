// A controller beside the agent of this machine: begun with it, joined by it without anybody copying a link, ended with it. Neither of the two is told here what to do.

import type { StatusAnswer } from '#agent';
import type { OwnJoin, Running } from '#controller';
import type { Desk } from '../../context.ts';
import type { Surroundings } from '../../doctor/checked.ts';
import { EXIT } from '../../exits.ts';
import { Failure } from '../../failure.ts';
import { beginAgent, statusOrNull } from '../../live/begin.ts';
import { agentOf } from '../../live/place.ts';
import { safeText } from '../../output/text.ts';
import type { ControllerFlags } from '../controller/config.ts';
import { endRunning } from '../controller/ending.ts';
import { runningAt } from '../controller/place.ts';
import { beginController } from '../controller/up.ts';
import { refusing } from './join.ts';

/** What is kept of the first start, so that a later one needs no flag again. */
type BesideFlags = Pick<ControllerFlags, 'domain' | 'name' | 'listen' | 'agents'>;

export interface Beside {
  readonly controller: Running;
  readonly status: StatusAnswer;
  /** For the first owner; null where there is one. */
  readonly firstLink: string | null;
  /** True where both ran already. */
  readonly wasRunning: boolean;
}

export function besideFolder(stateFolder: string): string {
  return `${stateFolder}/controller`;
}

/** Whether `picket up --controller` made a controller for the agent of this state folder. */
export async function isBeside({ io }: Pick<Desk, 'io'>, stateFolder: string): Promise<boolean> {
  return (await io.machine.entry(markOf(stateFolder))) !== null;
}

/** The controller that runs beside this agent; null where there is none. */
export async function besideOrNull(desk: Pick<Desk, 'io'>, stateFolder: string): Promise<Running | null> {
  return (await isBeside(desk, stateFolder)) ? runningAt(desk, besideFolder(stateFolder)) : null;
}

function markOf(stateFolder: string): string {
  return `${besideFolder(stateFolder)}/beside.json`;
}

interface Beginning {
  readonly surroundings: Surroundings;
  readonly flags: BesideFlags;
  /** Of the agent that runs already. */
  readonly running: StatusAnswer | null;
}

/** Starts what does not run yet, both at once, and lets the agent join. What this began is ended again where one of the two does not begin. */
export async function beginBoth(desk: Desk, { surroundings, flags, running }: Beginning): Promise<Beside> {
  const { stateFolder, socket } = surroundings;
  const folder = besideFolder(stateFolder);
  const isFresh = !(await isBeside(desk, stateFolder));
  const isMember = await checkMembership(desk, { stateFolder, flags, isFresh });
  const before = await runningAt(desk, folder);
  if (isFresh) await refuseForeign(desk, folder);
  if (before !== null && !isMember) throw noLink(before);
  const kept = keptFlags(await desk.io.machine.text(markOf(stateFolder)));
  const wanted = { ...kept, ...flags };
  await keepMark(desk, stateFolder, wanted);
  const [controller, agent] = await Promise.allSettled([
    before ??
      beginController(desk, { flags: { ...wanted, data: folder }, folder, more: isMember ? [] : ['--for-agent'] }),
    running ?? beginAgent(desk, surroundings),
  ]);
  if (controller.status === 'rejected' || agent.status === 'rejected') {
    if (running === null && agent.status === 'fulfilled') await agentOf(desk, { socket }).ask('down', {});
    if (before === null && controller.status === 'fulfilled') await endRunning(desk, controller.value.pid);
    if (isFresh) await forgetData(desk, stateFolder);
    else await keepMark(desk, stateFolder, kept);
    throw controller.status === 'rejected' ? controller.reason : agent.status === 'rejected' ? agent.reason : null;
  }
  if (!isMember) await joinOwn(desk, surroundings);
  const status = (await untilConnected(desk, socket)) ?? agent.value;
  const link = await desk.io.machine.text(`${folder}/first-link`);
  return {
    controller: controller.value,
    status,
    firstLink: link === null ? null : link.trim(),
    wasRunning: before !== null && running !== null,
  };
}

interface Membering {
  readonly stateFolder: string;
  readonly flags: BesideFlags;
  readonly isFresh: boolean;
}

/** Whether this machine is a member of the domain of its own controller. Refuses where it is one of another. Nothing was started by then. */
async function checkMembership(desk: Desk, { stateFolder, flags, isFresh }: Membering): Promise<boolean> {
  // The usual case without the room of the link, which takes a third of a second to load: first both begin.
  if ((await desk.io.machine.entry(`${stateFolder}/link/membership.json`)) === null) return false;
  const { linkFolder, readMembership } = await import('#link');
  const membership = await refusing(async () => readMembership(linkFolder(stateFolder)));
  if (membership === null) return false;
  if (!isFresh && (flags.domain ?? membership.domain) === membership.domain) return true;
  throw new Failure({
    code: 'PICKET-A008',
    exit: EXIT.refused,
    message: `this machine is ${membership.id} and takes its policy from "${membership.domain}"; nothing was started`,
    help: isFresh
      ? 'start the agent alone with: picket up; or give the membership up first with: picket leave'
      : `leave --domain out, or name "${membership.domain}"`,
  });
}

/** A controller that stands in the folder already is somebody's own: ending it with the agent would be a surprise. */
async function refuseForeign({ io }: Desk, folder: string): Promise<void> {
  if ((await io.machine.entry(`${folder}/picket.db`)) === null) return;
  throw new Failure({
    code: 'PICKET-A008',
    exit: EXIT.refused,
    message: `a controller of its own is in "${safeText(folder)}" already; nothing was started`,
    help: 'start it with: picket controller up, the agent with: picket up, and join by: picket tokens enrol; or choose another --state',
  });
}

function noLink({ url }: Running): Failure {
  return new Failure({
    code: 'PICKET-A008',
    exit: EXIT.refused,
    message: `the controller runs at ${url}, and this machine has left its domain; nothing was changed`,
    help: 'join anew by: picket tokens enrol; or end it and begin again: picket controller down, then picket up --controller',
  });
}

/** Kept before anything starts, so that what a crash leaves is ended by `picket down` as well. */
function keepMark(desk: Desk, stateFolder: string, flags: BesideFlags): Promise<void> {
  return desk.io.machine.keepSecret(markOf(stateFolder), `${JSON.stringify({ schema: 'picket.beside/v1', flags })}\n`);
}

function keptFlags(text: string | null): BesideFlags {
  const { flags } = objectOf(text);
  if (typeof flags !== 'object' || flags === null) return {};
  return Object.fromEntries(
    Object.entries(flags).filter(([name, value]) => KEPT.includes(name) && typeof value === 'string'),
  );
}

const KEPT = ['domain', 'name', 'listen', 'agents'];

/** The token is used here and now, and gone from the disk after that. */
async function joinOwn(desk: Desk, { stateFolder, socket }: Surroundings): Promise<void> {
  const path = `${besideFolder(stateFolder)}/own-join.json`;
  const own = ownJoinOf(objectOf(await desk.io.machine.text(path)));
  const [{ joinLink }, { join, linkFolder, writeMembership }] = await Promise.all([
    import('#identity'),
    import('#link'),
  ]);
  const folder = linkFolder(stateFolder);
  const membership = await refusing(() => join({ link: joinLink(own), path: null, folder, now: () => desk.io.now() }));
  // Tried first: it needs no name that this machine may not resolve.
  const others = membership.addresses.filter((address) => address !== own.agents).slice(0, ADDRESSES_KEPT);
  await refusing(async () => writeMembership(folder, { ...membership, addresses: [own.agents, ...others] }));
  await desk.io.machine.forget([path]);
  await agentOf(desk, { socket }).ask('relink', {});
}

/** A membership holds up to 16. */
const ADDRESSES_KEPT = 15;

function ownJoinOf(value: Partial<Record<string, unknown>>): OwnJoin {
  const { origin, agents, domain, token, root } = value;
  const texts = [origin, agents, domain, token, root];
  if (!texts.every((one) => typeof one === 'string'))
    throw new Failure({
      code: 'PICKET-C809',
      exit: EXIT.failed,
      message: 'the controller began, but did not say how to join it; both run, apart',
      help: 'see its log; picket controller down and picket up --controller begin it again',
    });
  const [from = '', at = '', id = '', secret = '', hash = ''] = texts.map(String);
  return { schema: 'picket.own-join/v1', origin: from, agents: at, domain: id, token: secret, root: hash };
}

function objectOf(text: string | null): Partial<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

const CONNECTED_MILLIS_MAX = 10_000;
const LOOK_MILLIS = 50;

/** The status once the agent has the policy of its domain; the last one where that takes longer: it says why. */
async function untilConnected(desk: Desk, socket: string): Promise<StatusAnswer | null> {
  for (let waited = 0; ; waited += LOOK_MILLIS) {
    const status = await statusOrNull(desk, socket);
    const domain = status?.domain ?? null;
    if (domain === null || (domain.isConnected && domain.inForce > 0) || waited >= CONNECTED_MILLIS_MAX) return status;
    await desk.io.machine.wait(LOOK_MILLIS);
  }
}

/** All but the log, which says why it did not begin. */
async function forgetData(desk: Desk, stateFolder: string): Promise<void> {
  const { removeData } = await import('#controller');
  await removeData(besideFolder(stateFolder));
  await desk.io.machine.forget([markOf(stateFolder)]);
}

/** Ends the controller of this agent, and with `isPurge` forgets all it kept. Null where there is none. */
export async function endBeside(desk: Desk, stateFolder: string, isPurge: boolean): Promise<string | null> {
  if (!(await isBeside(desk, stateFolder))) return null;
  const folder = besideFolder(stateFolder);
  const running = await runningAt(desk, folder);
  if (running !== null) await endRunning(desk, running.pid);
  if (!isPurge) return running === null ? null : 'its controller has ended as well';
  await forgetData(desk, stateFolder);
  const log = `${folder}/controller.log`;
  await desk.io.machine.forget([log, `${log}.1`, folder, stateFolder]);
  return 'its controller is gone with all it kept';
}
