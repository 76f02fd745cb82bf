// The status of a running gateway in words: what it does, what it sees, what waits. The same facts open `picket up`.

import type { PeerView, ServiceView, StatusAnswer, VerdictCount } from '#agent';
import { type Desk, tableWidth } from '../context.ts';
import { type Column, tableText } from '../output/table.ts';
import { bytesText, counted, countText, safeText, wrapLines } from '../output/text.ts';
import { notHeldText } from './plan-print.ts';
import { clockText, listText, spanText } from './words.ts';

const NAME_WIDTH = 11;
const ROWS_SHOWN = 12;

type Out = Pick<Desk, 'io' | 'paper'>;

/** A named fact, wrapped below itself. */
export function fact({ io, paper }: Out, name: string, text: string): void {
  const [head = '', ...more] = wrapLines(safeText(text), tableWidth(io) - NAME_WIDTH);
  paper.line(name.padEnd(NAME_WIDTH) + head);
  for (const line of more) paper.line(' '.repeat(NAME_WIDTH) + line);
}

export function printStatus(out: Out, status: StatusAnswer): void {
  const { table, health, losses } = status;
  out.paper.line(headline(status));
  for (const { code, message } of health) fact(out, 'ATTENTION', `${message} [${code}]`);
  for (const [name, text] of policyFacts(status)) fact(out, name, text);
  for (const [name, text] of domainFacts(status)) fact(out, name, text);
  fact(out, 'table', tableWords(table));
  fact(out, 'elements', elementsText(status));
  fact(out, 'traffic', trafficText(status));
  for (const [name, text] of verdictFacts(status.verdicts)) fact(out, name, text);
  fact(out, 'lost', lossText(losses));
  for (const { element, until, reason } of status.quarantines)
    fact(out, 'quarantine', `${element} until ${until === null ? 'released' : clockText(until)}: ${reason}`);
  if (status.findingCount > 0) fact(out, 'findings', `${countText(status.findingCount)}: picket findings`);
  if (table.notHeld.length > 0)
    fact(out, 'not held', `${listText(table.notHeld.map(notHeldText), 3)} (as written; --json lists all)`);
  fact(out, 'proposals', proposalsText(status));
  printServices(out, status.services);
}

export function headline({ since, now, table, elements, services }: StatusAnswer): string {
  const lasts = spanText(since, now);
  if (!table.isUp) return `The table is not up, so nothing is held. The agent runs since ${lasts}.`;
  const isHeld = elements.enforce + elements.protect > 0 || services.some(({ isEnforced }) => isEnforced);
  return isHeld ? `Holding since ${lasts}.` : `Observing since ${lasts}. Nothing is blocked.`;
}

function policyFacts({ policy, pending, now }: StatusAnswer): readonly (readonly [string, string])[] {
  const size = `${counted(policy.rules, 'rule')}, ${counted(policy.services, 'service')}`;
  const first = `revision ${policy.revision} by ${policy.by}${policy.why === '' ? '' : ` (${policy.why})`}; ${size}`;
  if (pending === null) return [['policy', first]];
  const waits = `revision ${pending.revision} by ${pending.by} reverts to ${pending.revertsTo} in ${spanText(now, pending.deadline)} unless confirmed from a new session: picket policy confirm`;
  return [
    ['policy', first],
    ['WAITING', waits],
  ];
}

export function domainFacts({ domain, now }: StatusAnswer): readonly (readonly [string, string])[] {
  if (domain === null) return [];
  const { isConnected, controller, address, heard, inForce, current, local, trouble } = domain;
  const last = heard === null ? 'never' : `${spanText(heard, now)} ago`;
  const place = isConnected
    ? `connected to ${controller} (${address})`
    : `no controller; the last good policy stays in force; heard last ${last}`;
  const newest = current === null || current === inForce ? '' : ` of ${current}`;
  const facts: (readonly [string, string])[] = [
    ['domain', `${domain.domain}, revision ${inForce === 0 ? 'none' : inForce}${newest}; ${place}`],
  ];
  if (local !== null)
    facts.push([
      'LOCAL',
      `a policy of this machine's own since ${clockText(local.since)} by ${local.by}: ${local.why}`,
    ]);
  if (trouble !== null) facts.push(['trouble', `${trouble.message} [${trouble.code}]`]);
  return facts;
}

function tableWords({ isUp, driftRepaired, driftFailed }: StatusAnswer['table']): string {
  if (!isUp) return 'not in the kernel';
  if (driftFailed > 0) return 'in the kernel, but somebody changed it and it could not be put right';
  return driftRepaired === 0
    ? 'in the kernel'
    : `in the kernel; put right after others changed it: ${counted(driftRepaired, 'time')}`;
}

function elementsText({ elements, inboxCount }: StatusAnswer): string {
  const modes = `${elements.observe} observe, ${elements.protect} protect, ${elements.enforce} enforce`;
  return inboxCount === 0 ? modes : `${modes}; ${countText(inboxCount)} new: picket elements ls --new`;
}

function trafficText({ flows, packets }: StatusAnswer): string {
  return `${counted(flows.seen, 'flow')} (${countText(flows.open)} open), ${counted(packets.judged, 'packet')}, ${bytesText(packets.bytes)}`;
}

function verdictFacts(verdicts: readonly VerdictCount[]): readonly (readonly [string, string])[] {
  const text = (isEnforced: boolean): string =>
    listText(
      verdicts
        .filter((verdict) => verdict.isEnforced === isEnforced)
        .map(({ count, reason, by }) => `${countText(count)} ${reason}${by === 'kernel' ? '' : ' (seen)'}`),
      6,
    );
  const facts: (readonly [string, string])[] = [];
  if (text(true) !== '') facts.push(['denied', text(true)]);
  if (text(false) !== '') facts.push(['recorded', `${text(false)}; would be denied if enforced`]);
  return facts;
}

function lossText({ packets, flowEvents, verdictRecords, restarts }: StatusAnswer['losses']): string {
  const parts = [
    packets > 0 ? `${counted(packets, 'packet')} unseen` : '',
    flowEvents > 0 ? `${counted(flowEvents, 'flow event')} unseen` : '',
    verdictRecords > 0 ? `${counted(verdictRecords, 'verdict record')} unseen` : '',
    restarts > 0 ? `${counted(restarts, 'restart')} of what looks` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

export function proposalsText({ proposals: { elements, rules } }: StatusAnswer): string {
  if (elements + rules === 0) return 'none yet: they come with traffic';
  return `${counted(elements, 'element')}, ${counted(rules, 'rule')} from what was seen: picket policy suggest`;
}

export function printServices({ io, paper }: Out, services: readonly ServiceView[]): void {
  if (services.length === 0) {
    paper.line('No service was seen yet.');
    return;
  }
  paper.line('');
  paper.write(tableText(services.slice(0, ROWS_SHOWN), SERVICES, tableWidth(io)));
  if (services.length > ROWS_SHOWN)
    paper.line(`and ${countText(services.length - ROWS_SHOWN)} more; --json lists them all`);
}

const SERVICES: readonly Column<ServiceView>[] = [
  { title: 'service', cell: (service) => serviceName(service), droppedAt: 0 },
  { title: 'at', cell: ({ isHere, element, address }) => (isHere ? 'here' : (element ?? address)), droppedAt: 2 },
  { title: 'port', cell: ({ protocol, port }) => (port < 0 ? protocol : `${port}/${protocol}`), droppedAt: 0 },
  { title: 'held', cell: ({ isEnforced }) => (isEnforced ? 'yes' : ''), droppedAt: 3 },
  { title: 'used', cell: ({ connections }) => countText(connections), droppedAt: 1, isRight: true },
  { title: 'peers', cell: ({ peers, peerCount }) => peersText(peers, peerCount), droppedAt: 1 },
];

function serviceName({ service, program, application }: ServiceView): string {
  return service ?? program ?? application ?? '?';
}

/** Peers told by name before the rest is a number. */
const PEERS_SHOWN = 2;

function peersText(peers: readonly PeerView[], peerCount: number): string {
  if (peerCount === 0) return 'none seen';
  const named = peers.slice(0, PEERS_SHOWN).map(({ element, address, connections, denied }) => {
    return `${element ?? address} ${countText(connections)}×${denied > 0 ? ` (${countText(denied)} denied)` : ''}`;
  });
  const rest = peerCount - named.length;
  return rest > 0 ? `${named.join(', ')} +${countText(rest)}` : named.join(', ');
}
