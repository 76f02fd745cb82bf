// The source of verdict records: one tcpdump on the netfilter log group that the kernel's table writes to. It does not know what a mark means.

import { type Frame, TrafficReader } from '#capture';
import { type AddressTable, type Instant, NO_ADDRESS, NO_MAC, NO_PORT } from '#model';
import type { ObserverTrouble, VerdictRecord } from './facts.ts';
import { netlinkState } from './netlink-drops.ts';
import { newNflogHead, readNflog } from './nflog.ts';
import { countBefore } from './packets.ts';
import { Supervised } from './supervised.ts';
import type { Watchdog } from './watchdog.ts';

export interface VerdictsOptions {
  readonly prefix: readonly string[];
  readonly watchdog: Watchdog;
  readonly group: number;
  readonly addresses: AddressTable;
  readonly tell: (record: VerdictRecord) => void;
  readonly nameOf: (index: number) => string;
  readonly now: () => Instant;
  readonly onTrouble: (trouble: ObserverTrouble) => void;
}

export class Verdicts {
  readonly #options: VerdictsOptions;
  readonly #supervised: Supervised;
  readonly #head = newNflogHead();
  readonly #record: VerdictRecord = newRecord();
  #reader: TrafficReader;
  #isListening = false;
  #lost = 0;
  #lostBefore = 0;

  constructor(options: VerdictsOptions) {
    this.#options = options;
    this.#reader = this.#newReader();
    this.#supervised = new Supervised({
      source: 'verdicts',
      watchdog: options.watchdog,
      command: () => [...options.prefix, 'tcpdump', '-i', `nflog:${options.group}`, '-n', '-U', '-w', '-'],
      now: options.now,
      onBegin: () => this.#begin(),
      onData: (bytes) => this.#reader.push(bytes),
      onLine: (line) => this.#hear(line),
      onEnd: () => {},
      isWorking: () => this.#isListening,
      onTrouble: options.onTrouble,
    });
  }

  /** Records that the kernel could not deliver, as of the last poll; where it does not tell how many, how often that happened. */
  get lost(): number {
    return this.#lostBefore + this.#lost;
  }

  get restarts(): number {
    return this.#supervised.restarts;
  }

  get outageMicros(): number {
    return this.#supervised.outageMicros;
  }

  start(): Promise<void> {
    return this.#supervised.start();
  }

  close(): Promise<void> {
    return this.#supervised.close();
  }

  poll(): void {
    const { child } = this.#supervised;
    if (child === null) return;
    child.signal('SIGUSR1');
    this.#lost = Math.max(this.#lost, netlinkState(child.pid)?.drops ?? 0);
    const { kind } = this.#reader.end();
    if (kind === 'damaged' || kind === 'unknown-format') void child.close();
  }

  #begin(): void {
    this.#isListening = false;
    this.#lostBefore += this.#lost;
    this.#lost = 0;
    this.#reader = this.#newReader();
  }

  #newReader(): TrafficReader {
    const { addresses } = this.#options;
    return new TrafficReader({ addresses, inspector: null, sink: { frame: (frame) => this.#tell(frame) } });
  }

  #hear(line: string): void {
    this.#isListening ||= line.includes('listening on');
    this.#lost = Math.max(this.#lost, countBefore(line, ' packets dropped by kernel'));
  }

  #tell(frame: Frame): void {
    const head = this.#head;
    const record = this.#record;
    readNflog(frame.data, head);
    record.at = head.at < 0 ? frame.at : head.at;
    record.mark = head.mark;
    record.prefix = head.prefix;
    record.inInterface = this.#options.nameOf(head.inIndex);
    record.outInterface = this.#options.nameOf(head.outIndex);
    record.sourceMac = head.mac;
    record.source = frame.source;
    record.destination = frame.destination;
    record.protocol = frame.protocol;
    record.sourcePort = frame.sourcePort;
    record.destinationPort = frame.destinationPort;
    record.tcpFlags = frame.tcpFlags;
    record.bytes = frame.bytes;
    this.#options.tell(record);
  }
}

function newRecord(): VerdictRecord {
  return {
    at: 0,
    mark: 0,
    prefix: '',
    inInterface: '',
    outInterface: '',
    sourceMac: NO_MAC,
    source: NO_ADDRESS,
    destination: NO_ADDRESS,
    protocol: 0,
    sourcePort: NO_PORT,
    destinationPort: NO_PORT,
    tcpFlags: -1,
    bytes: 0,
  };
}
