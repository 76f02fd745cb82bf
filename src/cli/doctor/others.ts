// Checks for others who manage packets on this machine: users of marks, firewall managers, services that flush all rules.

import { markUsers } from '#enforce';
import type { Machine } from '../machine.ts';
import { type Checked, fail, ok, type Surroundings, warn } from './checked.ts';

/** Processes that are looked at; a machine with more is judged by its rules alone. */
const PROCESSES_MAX = 16_384;

/** By process name, and by what their rules are called. */
const MANAGERS = [
  { name: 'firewalld', process: 'firewalld', rules: /table \w+ firewalld/ },
  { name: 'ufw', process: null, rules: /chain ufw6?-/ },
  { name: 'Docker', process: 'dockerd', rules: /chain DOCKER/ },
  { name: 'podman', process: null, rules: /table \w+ netavark|chain NETAVARK/ },
  { name: 'kube-proxy', process: 'kube-proxy', rules: /chain KUBE-|table \w+ kube-proxy/ },
  { name: 'Calico', process: 'calico-felix', rules: /chain cali-/ },
  { name: 'Cilium', process: 'cilium-agent', rules: /chain CILIUM_/ },
  { name: 'Foomuuri', process: null, rules: /table \w+ foomuuri/ },
  { name: 'Shorewall', process: null, rules: /chain (shorewall|~log\d|sfilter)\b/ },
  { name: 'libvirt', process: null, rules: /chain LIBVIRT_|table \w+ libvirt_network/ },
  { name: 'Tailscale', process: 'tailscaled', rules: /chain ts-(input|forward)/ },
  { name: 'fail2ban', process: 'fail2ban-server', rules: /table \w+ f2b-table|chain f2b-/ },
] as const;

interface Rules {
  /** Null where they cannot be read. */
  readonly ruleset: string | null;
  readonly routing: string;
}

export async function checkOthers({ machine }: Surroundings): Promise<readonly Checked[]> {
  const rules = await rulesOf(machine);
  return [marksOf(rules), await managersOf(machine, rules), await flushers(machine)].flat();
}

async function rulesOf(machine: Machine): Promise<Rules> {
  const ruleset = await machine.run(['nft', 'list', 'ruleset']);
  const routing = [await machine.run(['ip', 'rule', 'list']), await machine.run(['ip', '-6', 'rule', 'list'])];
  return {
    ruleset: ruleset.status === 0 ? ruleset.stdout : null,
    routing: routing.map(({ stdout }) => stdout).join('\n'),
  };
}

function marksOf({ ruleset, routing }: Rules): readonly Checked[] {
  const facts = { code: 'PICKET-D008', name: 'marks' } as const;
  const [user] = markUsers(ruleset ?? '', routing);
  if (user !== undefined)
    return [
      fail(
        { ...facts, found: `${user.where} uses marks: ${user.line}` },
        'take it off this machine, or let picket protect another one: both cannot own the marks',
      ),
    ];
  if (ruleset === null) return [warn({ ...facts, found: 'not seen: the rules cannot be read' }, 'run it with sudo')];
  return [ok({ ...facts, found: 'nobody else uses them' })];
}

async function managersOf(machine: Machine, { ruleset }: Rules): Promise<readonly Checked[]> {
  const facts = { code: 'PICKET-D009', name: 'firewalls' } as const;
  const running = await processNames(machine);
  const isUfwOn = /^ENABLED=yes/m.test((await machine.text('/etc/ufw/ufw.conf')) ?? '');
  const found = MANAGERS.filter(
    ({ name, process, rules }) =>
      (process !== null && running.has(process)) || rules.test(ruleset ?? '') || (name === 'ufw' && isUfwOn),
  ).map(({ name }) => name);
  if (found.length === 0) return [ok({ ...facts, found: 'no other manager seen' })];
  const help = 'they work side by side: what either denies is denied; to open a way, open it in both';
  return [warn({ ...facts, found: `${found.join(', ')} manages packets here too` }, help)];
}

/** A service whose reload flushes every table, Picket's among them; the agent puts it up again, and until then nothing is held. */
async function flushers(machine: Machine): Promise<readonly Checked[]> {
  const facts = { code: 'PICKET-D014', name: 'nftables.service' } as const;
  const unit = await machine.run(['systemctl', 'is-enabled', 'nftables.service']);
  const text = (await machine.text('/etc/nftables.conf')) ?? '';
  const isFlushing = unit.stdout.trim() === 'enabled' && /^\s*flush ruleset/m.test(text);
  if (!isFlushing) return [];
  return [
    warn(
      { ...facts, found: 'its reload runs "flush ruleset", which takes every table away' },
      'let /etc/nftables.conf flush its own tables only; the agent repairs its table, but not before it is gone',
    ),
  ];
}

async function processNames(machine: Machine): Promise<ReadonlySet<string>> {
  const ids = (await machine.names('/proc')).filter((name) => /^\d+$/.test(name)).slice(0, PROCESSES_MAX);
  const names = await Promise.all(ids.map((id) => machine.text(`/proc/${id}/comm`)));
  return new Set(names.flatMap((name) => (name === null ? [] : [name.trim()])));
}
