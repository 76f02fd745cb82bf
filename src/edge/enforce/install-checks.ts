// What is asked of the machine before a table is put up: who else uses marks, and which marks flows may still carry. Not the putting up.

import { GatewayError, type GatewayOptions } from './gateway-types.ts';
import type { KernelLine } from './kernel-line.ts';
import { highestMark, markUsers } from './others.ts';

/**
 * Above every mark that a flow may carry: what the last table says, and what the tracked connections show where its table was taken
 * away by somebody else. Without connection tracking there is nothing to read and no flow that carries one.
 */
export async function firstMark(line: KernelLine, connections: readonly string[]): Promise<number> {
  const { nextMark } = await line.state();
  return Math.max(nextMark, highestMark(await line.print(connections)) + 1);
}

/** Rejects where somebody else uses marks of packets or connections. */
export async function refuseOthers(
  line: KernelLine,
  { ip, legacy }: Required<Pick<GatewayOptions, 'ip' | 'legacy'>>,
): Promise<void> {
  const [four, six, ...saved] = await Promise.all(
    [[...ip, 'rule', 'list'], [...ip, '-6', 'rule', 'list'], ...legacy].map((command) => line.print(command)),
  );
  const [user] = markUsers(await line.run('list ruleset'), `${four}${six}`, saved.join('\n'));
  if (user === undefined) return;
  throw new GatewayError(
    'marks-in-use',
    `cannot put the table up: ${user.where}${user.owner === null ? '' : ` (${user.owner})`} uses marks, which Picket needs for itself: ${user.line}`,
  );
}
