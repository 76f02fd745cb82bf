// Sessions that the content in force no longer admits: how many there are, and their removal from conntrack. They are cut already, by their
// marks that are not live; what is removed here is what is left of them. Not the judging of packets.

import { type AddressBytes, NO_PORT, parseAddress } from '#model';
import { CUT_MARK } from './numbers.ts';

/** A tracked connection as the forward hook sees it: from whoever began, to whoever answers, behind any translation of addresses. */
export interface TrackedFlow {
  readonly from: AddressBytes;
  readonly to: AddressBytes;
  readonly protocol: number;
  readonly port: number;
  readonly mark: number;
  /** Words that tell `conntrack` this connection. */
  readonly words: readonly string[];
}

/** Reads one line of `conntrack -L` or of /proc/net/nf_conntrack; null for what is neither. */
export function trackedFlow(line: string): TrackedFlow | null {
  const fields = line.trim().split(/\s+/);
  const protocol = Number(fields[0]?.startsWith('ipv') === true ? fields[3] : fields[1]);
  const [source, answering] = all(line, SOURCE);
  const [destination] = all(line, DESTINATION);
  const [, answeringPort = String(NO_PORT)] = all(line, SOURCE_PORT);
  const from = parseAddress(source ?? '');
  const to = parseAddress(answering ?? '');
  const mark = Number(/ mark=(\d+)/.exec(line)?.[1] ?? 0);
  if (from === null || to === null || !Number.isInteger(protocol)) return null;
  const [sourcePort] = all(line, SOURCE_PORT);
  const [destinationPort] = all(line, DESTINATION_PORT);
  const ports =
    sourcePort === undefined || destinationPort === undefined
      ? []
      : ['--orig-port-src', sourcePort, '--orig-port-dst', destinationPort];
  const words = ['-p', String(protocol), '-s', source ?? '', '-d', destination ?? '', ...ports];
  return { from, to, protocol, port: Number(answeringPort), mark, words };
}

const SOURCE = / src=(\S+)/g;
const DESTINATION = / dst=(\S+)/g;
const SOURCE_PORT = / sport=(\d+)/g;
const DESTINATION_PORT = / dport=(\d+)/g;

function all(line: string, pattern: RegExp): readonly string[] {
  return [...line.matchAll(pattern)].map(([, value = '']) => value);
}

export interface CuttingOptions {
  /** What a program prints, '' where it cannot be run. */
  readonly print: (command: readonly string[]) => Promise<string>;
  /** How `conntrack` is called. Without it sessions are cut all the same, and their entries run out by themselves. */
  readonly conntrack: readonly string[];
  /** Prints all that conntrack holds. */
  readonly connections: readonly string[];
  /** Whether the content in force admits a flow. */
  readonly admits: () => (flow: TrackedFlow) => boolean;
  /** Does work between changes, where a table is up. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>;
}

/** Time for both ends of a TCP connection to send a packet and to be reset: without its entry, the outside gets no answer. */
const CUT_AFTER_MS = 5_000;

export class Cutter {
  readonly #options: CuttingOptions;
  /** Marks that are live no more, whose sessions wait for their removal. */
  readonly #gone = new Set<number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: CuttingOptions) {
    this.#options = options;
  }

  /** Counts the sessions that a change cut whose marks were live and are not, and remembers to remove what is left of them. */
  async count(marks: ReadonlySet<number>): Promise<number> {
    if (marks.size === 0) return 0;
    // And the one of sessions that a packet of theirs was denied since.
    const gone = new Set([...marks, CUT_MARK]);
    const flows = await flowsWith(gone, this.#options);
    if (flows.length === 0) return 0;
    const isAdmitted = this.#options.admits();
    for (const number of gone) this.#gone.add(number);
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#options.inTurn(() => this.#remove()).catch(() => {});
    }, CUT_AFTER_MS).unref();
    return flows.filter((flow) => flow.mark !== CUT_MARK && !isAdmitted(flow)).length;
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#gone.clear();
  }

  async #remove(): Promise<void> {
    const flows = await flowsWith(this.#gone, this.#options);
    this.#gone.clear();
    await removeFlows(flows, this.#options.admits(), this.#options);
  }
}

/** Marks that are asked for one by one; for more, everything is read once. */
const MARKS_ASKED_MAX = 8;
/** Calls of one removal. What is left is denied by the packet, and runs out by itself. */
const CALLS_MAX = 64;

/** Tracked connections with one of these marks. */
async function flowsWith(marks: ReadonlySet<number>, options: CuttingOptions): Promise<readonly TrackedFlow[]> {
  const { print, conntrack, connections } = options;
  const listings =
    marks.size <= MARKS_ASKED_MAX
      ? await Promise.all(
          [...marks].flatMap((mark) =>
            FAMILIES.map((family) => print([...conntrack, '-L', '-f', family, '-m', String(mark)])),
          ),
        )
      : [await print(connections)];
  return listings
    .flatMap((text) => text.split('\n'))
    .flatMap((line) => (line.includes(' mark=') ? (trackedFlow(line) ?? []) : []))
    .filter(({ mark }) => marks.has(mark));
}

const FAMILIES = ['ipv4', 'ipv6'];

/** Removes those of the flows that are not admitted: by their mark where none with it is, else one by one. */
async function removeFlows(
  flows: readonly TrackedFlow[],
  isAdmitted: (flow: TrackedFlow) => boolean,
  { print, conntrack }: CuttingOptions,
): Promise<void> {
  const admitted = new Set(flows.filter(isAdmitted).map(({ mark }) => mark));
  const whole = new Set(flows.flatMap(({ mark }) => (admitted.has(mark) ? [] : [mark])));
  const single = flows.filter((flow) => admitted.has(flow.mark) && !isAdmitted(flow));
  const calls = [
    ...[...whole].flatMap((mark) => FAMILIES.map((family) => ['-D', '-f', family, '-m', String(mark)])),
    ...single.map(({ words }) => ['-D', ...words]),
  ];
  for (const words of calls.slice(0, CALLS_MAX)) await print([...conntrack, ...words]);
}

/** Marks that are live before a change and not after it. */
export function marksGone({
  before,
  after,
}: {
  readonly before: ReadonlyMap<string, unknown>;
  readonly after: ReadonlyMap<string, unknown>;
}): ReadonlySet<number> {
  const gone = new Set<number>();
  for (const key of before.keys()) if (!after.has(key)) gone.add(Number(key));
  return gone;
}
