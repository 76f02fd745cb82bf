// Whether the kernel counts and times flows. It only looks: who holds the gateway turns the switches.

import { commandText } from './command.ts';
import type { ObserverTrouble } from './facts.ts';

const SWITCHES = '/proc/sys/net/netfilter/';
const ANSWER_CHARS_MAX = 16;

type KernelTrouble = Omit<ObserverTrouble, 'at'>;

const ASKED: readonly { readonly name: string; readonly kind: KernelTrouble['kind']; readonly means: string }[] = [
  { name: 'nf_conntrack_acct', kind: 'accounting-off', means: 'flows have no packets and bytes' },
  { name: 'nf_conntrack_timestamp', kind: 'timestamps-off', means: 'flows do not say how long they lasted' },
];

export async function kernelTroubles(prefix: readonly string[]): Promise<readonly KernelTrouble[]> {
  const troubles: KernelTrouble[] = [];
  for (const { name, kind, means } of ASKED) {
    const value = await switchAt(prefix, name);
    if (value === '1') continue;
    const found = value === '' ? 'it cannot be read' : `found ${JSON.stringify(value)}`;
    troubles.push({ source: 'flows', kind, message: `${SWITCHES}${name} is not 1 (${found}), so ${means}` });
  }
  return troubles;
}

async function switchAt(prefix: readonly string[], name: string): Promise<string> {
  try {
    return (await commandText([...prefix, 'cat', SWITCHES + name], ANSWER_CHARS_MAX)).trim();
  } catch {
    // Not readable is told as such.
    return '';
  }
}
