// A machine for the checks of `picket doctor`: programs that say given texts, files by path. Everything else is not there.

import type { Entry, Machine, RunEnd } from '#cli';
import { BARE_MACHINE } from '../../src/cli/machine.testing.ts';

export interface Scene {
  /** Command line → what it prints, or how it ends. A command that begins with a key and a space counts too. */
  readonly programs?: Readonly<Record<string, string | Partial<RunEnd>>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly entries?: Readonly<Record<string, Partial<Entry>>>;
  readonly uid?: number;
  readonly nodeVersion?: string;
  readonly freeBytes?: number;
}

/** What is there on a machine on which a gateway can begin. */
export const WELL: Required<Pick<Scene, 'programs' | 'files'>> = {
  programs: {
    'nft --version': 'nftables v1.0.6 (Lester Gooch #5)\n',
    'nft list ruleset': '',
    'conntrack --version': 'conntrack v1.4.7 (conntrack-tools)\n',
    'tcpdump --version': { stderr: 'tcpdump version 4.99.3\nlibpcap version 1.10.3\n' },
    'ip -V': 'ip utility, iproute2-6.1.0, libbpf 1.1.2\n',
    'ip rule list': '0:\tfrom all lookup local\n',
    'ip -6 rule list': '0:\tfrom all lookup local\n',
    'unshare -n': '',
  },
  files: {
    '/proc/self/status': 'Name:\tnode\nCapEff:\t000001ffffffffff\n',
    '/proc/sys/kernel/osrelease': '6.1.0\n',
    '/proc/sys/net/ipv4/ip_forward': '1\n',
    '/proc/sys/net/ipv6/conf/all/forwarding': '0\n',
  },
};

export function machineOf(scene: Scene): Machine {
  const programs = new Map(Object.entries({ ...WELL.programs, ...scene.programs }));
  const files = new Map(Object.entries({ ...WELL.files, ...scene.files }));
  const entries = new Map(Object.entries(scene.entries ?? {}));
  return {
    ...BARE_MACHINE,
    uid: scene.uid ?? 0,
    nodeVersion: scene.nodeVersion ?? '20.20.2',
    run: async (words) => {
      const line = words.join(' ');
      const key = programs.has(line) ? line : [...programs.keys()].find((known) => line.startsWith(`${known} `));
      const said = key === undefined ? undefined : programs.get(key);
      if (said === undefined) return { isFound: false, status: null, stdout: '', stderr: '' };
      const end = typeof said === 'string' ? { stdout: said } : said;
      return { isFound: true, status: 0, stdout: '', stderr: '', ...end };
    },
    text: async (path) => files.get(path) ?? null,
    entry: async (path) => {
      const known = entries.get(path);
      return known === undefined ? null : { kind: 'directory', uid: 0, mode: 0o700, modified: 0, ...known };
    },
    names: async (folder) => {
      const below = [...files.keys(), ...entries.keys()].filter((path) => path.startsWith(`${folder}/`));
      return [...new Set(below.map((path) => path.slice(folder.length + 1).split('/')[0] ?? ''))];
    },
    freeBytes: async () => scene.freeBytes ?? 10_000_000_000,
  };
}
