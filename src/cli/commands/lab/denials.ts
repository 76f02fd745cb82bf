// What stopped an attack, as the lab's agent and the ports of its bridge tell it. Judges nothing.

import type { EndView } from '#agent';
import { SECOND } from '#model';
import type { Desk } from '../../context.ts';
import { answered } from '../../live/asking.ts';
import { type Attack, type Denial, isExpected } from './attacks.ts';
import type { LabSite } from './site.ts';

/** Records come through other processes: they are asked for again until they are there or this is over. */
const RECORD_MICROS_MAX = 10 * SECOND;
const AGAIN_MILLIS = 300;

/** The denial that an attack had to meet, of those since `since` (ISO 8601); null where none came. */
export async function denialOf(
  desk: Desk,
  { site, attack, since }: { site: LabSite; attack: Attack; since: string },
): Promise<Denial | null> {
  const { machine } = desk.io;
  for (const end = machine.elapsed() + RECORD_MICROS_MAX; ; await machine.wait(AGAIN_MILLIS)) {
    const denials = [...(await recorded(desk, site, since)), ...(await atPorts(site))];
    const found = denials.find((denial) => isExpected(denial, attack));
    if (found !== undefined || machine.elapsed() > end) return found ?? null;
  }
}

async function recorded(desk: Desk, site: LabSite, since: string): Promise<readonly Denial[]> {
  const { verdicts } = await answered(desk, () => site.agent.ask('verdicts', {}));
  return verdicts
    .filter(({ at, isEnforced }) => at >= since && isEnforced)
    .flatMap(({ from, to, reasons }) =>
      reasons.map((reason) => ({ from: endText(from), to: endText(to), port: to.port, reason })),
    );
}

function endText({ element, address }: EndView): string {
  return element ?? address;
}

/** Refusals of a port are counted since the site came up, not by instant. */
async function atPorts(site: LabSite): Promise<readonly Denial[]> {
  const bridge = await site.bridge();
  try {
    const violations = await bridge.violations();
    return violations.map(({ port, reason }) => ({ from: port.replace(/^p-/, ''), to: '', port: 0, reason }));
  } finally {
    bridge.close();
  }
}
