// The machine of a test site as an end of its own: raw packets through its input and output hooks. Its stack's own answers are kept from
// conntrack, so that only what a test sends is a conversation. Not what is forwarded.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Side, Site } from './site.testing.ts';

/** Addresses of the machine itself: the third is on the internet. */
export const HOST: readonly [readonly [string, ...string[]], readonly [string, ...string[]]] = [
  ['10.0.9.1', '10.0.9.2', '9.9.9.9'],
  ['fd00:9::1', 'fd00:9::2'],
];
/** Told by this priority, what the test sends is let through before conntrack; everything else that the machine sends is not. */
const PRIORITY = 0x77;
const QUIET = `table inet quiet { chain out { type filter hook output priority -400; policy accept;
  oif lo accept
  icmpv6 type 133-137 accept
  meta priority != 0:${PRIORITY.toString(16)} drop
 }
}`;

export class Host {
  readonly #site: Site;
  #child: ChildProcessWithoutNullStreams | null = null;
  #answers: AsyncIterator<string> | null = null;

  constructor(site: Site) {
    this.#site = site;
  }

  open(): void {
    for (const address of HOST[0]) this.#site.inGateway('ip', 'address', 'add', `${address}/32`, 'dev', 'lo');
    for (const address of HOST[1]) this.#site.inGateway('ip', 'address', 'add', `${address}/128`, 'dev', 'lo', 'nodad');
    this.#site.inGateway('ip', 'link', 'set', 'lo', 'up');
    this.#site.load(QUIET);
    const script = fileURLToPath(new URL('./host.py', import.meta.url));
    const child = spawn('ip', ['netns', 'exec', this.#site.gateway, 'python3', script, String(PRIORITY)]);
    child.stderr.on('data', (data: Buffer) => console.error(data.toString()));
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.#child = child;
  }

  close(): void {
    this.#child?.stdin.end();
    this.#child?.kill();
  }

  /** Sends a packet to the machine from a side; whether a raw socket behind the input hook got it. */
  async into(side: Side, packet: Uint8Array): Promise<boolean> {
    await this.#ask({ kind: 'collect' });
    await this.#site.send([{ side, packet }]);
    return (await this.#ask({ kind: 'collect' })).length > 0;
  }

  /** Sends a packet from the machine; whether it came out on the side. */
  async outOf(side: Side, packet: Uint8Array): Promise<boolean> {
    await this.#site.collect(side);
    await this.#ask({ kind: 'send', packet: Buffer.from(packet).toString('hex') });
    const ends = endsOf(packet);
    return (await this.#site.collect(side)).some((hex) => endsOf(Buffer.from(hex, 'hex')) === ends);
  }

  async #ask(asked: object): Promise<readonly unknown[]> {
    this.#child?.stdin.write(`${JSON.stringify(asked)}\n`);
    const answer = await this.#answers?.next();
    if (answer === undefined || answer.done === true) throw new Error('the machine is gone');
    return JSON.parse(answer.value);
  }
}

function endsOf(packet: Uint8Array): string {
  const isFour = (packet[0] ?? 0) >> 4 === 4;
  return Buffer.from(isFour ? packet.subarray(12, 20) : packet.subarray(8, 40)).toString('hex');
}
