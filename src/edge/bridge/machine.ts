// The machine's links, addresses and settings through `ip` and `sysctl`: reads them, and sets what it is told. Decides nothing.

import { execFile } from 'node:child_process';
import { type AddressBytes, type Mac, NO_MAC, parseAddress, parseMac } from '#model';
import { at, isTrue, itemsAt, numberAt, parseText, textAt } from './json.ts';
import type { LinkNote, LinkProperty } from './note.ts';

export interface Link {
  readonly name: string;
  /** A link that is taken away and comes back has another one. */
  readonly index: number;
  readonly isBridge: boolean;
  /** Bridge that it is a port of, '' for none. */
  readonly master: string;
  readonly mac: Mac;
  readonly properties: Readonly<Record<LinkProperty, boolean>>;
}

export interface MachineCommands {
  readonly ip: readonly string[];
  readonly sysctl: readonly string[];
}

/** A tool that failed, with what it said. */
export class ToolError extends Error {}

/** A thousand ports in detail. */
const PRINTED_BYTES_MAX = 64 * 1_024 * 1_024;
const ANSWER_MS_MAX = 20_000;
const MESSAGE_CHARS_MAX = 300;

export class Machine {
  readonly #commands: MachineCommands;

  constructor(commands: MachineCommands) {
    this.#commands = commands;
  }

  /** The values of those settings that this kernel has. */
  async settings(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    if (names.length === 0) return found;
    // Unknown names are passed over, and the values of the others are printed in any case.
    const printed = await this.#run(this.#commands.sysctl, ['-e', ...names]);
    const values = new Map(printed.split('\n').map((line) => pairOf(line)));
    for (const name of names) {
      const value = values.get(swapped(name));
      if (value !== undefined) found.set(name, value);
    }
    return found;
  }

  /** Sets in the order that is given. */
  async set(settings: readonly { readonly name: string; readonly value: string }[]): Promise<void> {
    if (settings.length === 0) return;
    await this.#run(this.#commands.sysctl, ['-qw', ...settings.map(({ name, value }) => `${name}=${value}`)]);
  }

  async links(): Promise<readonly Link[]> {
    return itemsOf(await this.#ip('-j', '-d', 'link', 'show')).flatMap((item) => readLink(item) ?? []);
  }

  async setLink({ link, property, set }: Omit<LinkNote, 'before'>): Promise<void> {
    const kind = property === 'isolated' ? 'bridge_slave' : 'bridge';
    const value = property === 'isolated' ? (set ? 'on' : 'off') : set ? '1' : '0';
    await this.#ip('link', 'set', 'dev', link, 'type', kind, property, value);
  }

  async addresses(link: string): Promise<readonly AddressBytes[]> {
    const [item] = itemsOf(await this.#ip('-j', 'address', 'show', 'dev', link));
    return (itemsAt(item, 'addr_info') ?? []).flatMap((info) => parseAddress(textAt(info, 'local') ?? '') ?? []);
  }

  /** IPv6 addresses for which the link answers. */
  async proxies(link: string): Promise<readonly string[]> {
    const items = itemsOf(await this.#ip('-j', '-6', 'neigh', 'show', 'proxy', 'dev', link));
    return items.flatMap((item) => textAt(item, 'dst') ?? []);
  }

  /** Adds or takes away proxies, all with one child. */
  async changeProxies(verb: 'add' | 'del', addresses: readonly string[], link: string): Promise<void> {
    if (addresses.length === 0) return;
    const lines = addresses.map((address) => `neigh ${verb} proxy ${address} dev ${link}\n`);
    await this.#run(this.#commands.ip, ['-6', '-batch', '-'], lines.join(''));
  }

  #ip(...words: readonly string[]): Promise<string> {
    return this.#run(this.#commands.ip, words);
  }

  #run([program = 'false', ...before]: readonly string[], words: readonly string[], input = ''): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { maxBuffer: PRINTED_BYTES_MAX, timeout: ANSWER_MS_MAX };
      const child = execFile(program, [...before, ...words], options, (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const said = JSON.stringify((stderr === '' ? error.message : stderr).trim().slice(0, MESSAGE_CHARS_MAX));
        reject(new ToolError(`cannot run ${program} ${words.join(' ')}: ${said}`));
      });
      child.stdin?.on('error', () => {});
      child.stdin?.end(input);
    });
  }
}

/** sysctl prints a path with dots for slashes, and slashes for the dots in the name of an interface. */
function swapped(name: string): string {
  return name.replace(/[./]/g, (letter) => (letter === '/' ? '.' : '/'));
}

function pairOf(line: string): readonly [string, string] {
  const [name = '', value = ''] = line.split(' = ');
  return [name, value.trim()];
}

/** The list that a tool printed, empty where it printed none. */
function itemsOf(text: string): readonly unknown[] {
  return itemsAt(parseText(text)) ?? [];
}

function readLink(item: unknown): Link | null {
  const name = textAt(item, 'ifname');
  const index = numberAt(item, 'ifindex');
  if (name === null || index === null) return null;
  return {
    name,
    index,
    isBridge: textAt(item, 'linkinfo', 'info_kind') === 'bridge',
    master: textAt(item, 'master') ?? '',
    mac: parseMac(textAt(item, 'address') ?? '') ?? NO_MAC,
    properties: {
      isolated: isTrue(at(item, 'linkinfo', 'info_slave_data', 'isolated')),
      nf_call_iptables: isTrue(at(item, 'linkinfo', 'info_data', 'nf_call_iptables')),
      nf_call_ip6tables: isTrue(at(item, 'linkinfo', 'info_data', 'nf_call_ip6tables')),
    },
  };
}
