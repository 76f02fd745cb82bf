// All checks of `picket doctor` in the order in which they are told, and those that decide whether `picket up` can begin.

import { AgentError } from '#agent';
import { askStatus, checkAgent, checkState } from './agent.ts';
import type { Checked, Surroundings } from './checked.ts';
import { checkClock, checkForwarding, checkNode, checkRights, checkSysctls, checkTracked } from './host.ts';
import { checkKernel } from './kernel.ts';
import { checkOthers } from './others.ts';
import { checkNft, checkTools } from './tools.ts';

export async function checkAll(surroundings: Surroundings): Promise<readonly Checked[]> {
  const asked = await askStatus(surroundings);
  const groups = await Promise.all([
    checkBeginning(surroundings),
    checkSysctls(surroundings, !(asked instanceof AgentError)),
    checkTracked(surroundings),
    checkForwarding(surroundings),
    checkAgent(surroundings, asked),
  ]);
  return groups.flat();
}

/** What has to be right before anything is changed. */
export async function checkBeginning(surroundings: Surroundings): Promise<readonly Checked[]> {
  const groups = await Promise.all([
    checkNode(surroundings),
    checkRights(surroundings),
    checkNft(surroundings),
    checkTools(surroundings),
    kernelWithNft(surroundings),
    checkOthers(surroundings),
    checkClock(surroundings),
    checkState(surroundings),
  ]);
  return groups.flat();
}

/** Without nft there is nothing to try the kernel with, and that is told already. */
async function kernelWithNft(surroundings: Surroundings): Promise<readonly Checked[]> {
  const { isFound } = await surroundings.machine.run(['nft', '--version']);
  return isFound ? checkKernel(surroundings) : [];
}
