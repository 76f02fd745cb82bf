// A bridge whose ports are kept apart and whose senders are who they say: put in force, kept, put back. Not the policy between the ports:
// that is judged in the forward hook, through which all their traffic goes from then on.

import { execFile } from 'node:child_process';
import { NO_MAC } from '#model';
import { NftChild, NftError } from '#nft';
import { applyLine, installLine, REMOVE_LINE } from './commands.ts';
import { type OwnEnds, type PortContent, portContent } from './content.ts';
import { type BridgeLayout, type CheckedLayout, checkLayout } from './layout.ts';
import { type InForce, type Learned, learnFact, type PortFact } from './learn.ts';
import { Machine, ToolError } from './machine.ts';
import { type BridgeNote, emptyNote, joinNotes } from './note.ts';
import { readViolations, type Violation } from './violations.ts';
import {
  type BridgeObstacle,
  driftOf,
  indexesOf,
  movesOf,
  obstaclesOf,
  type Present,
  settingNames,
  wantedChanges,
  withoutAbsent,
} from './wanted.ts';

export interface BridgeOptions {
  /** How the tools are called; words before them may lead into a network namespace. */
  readonly nft?: readonly string[];
  readonly ip?: readonly string[];
  readonly sysctl?: readonly string[];
  /** Keeps the note where it outlives this process; awaited before anything in it is changed. Null: everything is as it was, forget it. */
  readonly save: (note: BridgeNote | null) => Promise<void>;
}

export type BridgeTrouble = BridgeObstacle | 'bad-layout' | 'other-bridge' | 'not-isolated' | 'tool-failed';

/** The bridge is as it was before the call, except where `tool-failed` says that putting it back failed as well. */
export class BridgeError extends Error {
  readonly trouble: BridgeTrouble;

  constructor(trouble: BridgeTrouble, message: string) {
    super(message);
    this.trouble = trouble;
  }
}

interface Wanted {
  readonly layout: BridgeLayout;
  readonly checked: CheckedLayout;
  readonly present: Present;
}

interface Held extends InForce {
  readonly own: OwnEnds;
  /** Port → its index in the kernel. */
  readonly indexes: ReadonlyMap<string, number>;
  /** The tables as they were printed behind the last change, without their elements. */
  readonly print: string;
}

export class Bridge {
  readonly #options: Required<BridgeOptions>;
  readonly #machine: Machine;
  #child: NftChild | null = null;
  #held: Held | null = null;
  #note: BridgeNote | null = null;
  /** Whether the tables are what `#held` says: if not, they are made anew. */
  #isContentKnown = true;
  /** Work goes one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: BridgeOptions) {
    this.#options = { nft: ['nft'], ip: ['ip'], sysctl: ['sysctl'], ...options };
    this.#machine = new Machine(this.#options);
  }

  /** What is in force, learned bindings included; null where nothing is. */
  get layout(): BridgeLayout | null {
    return this.#held?.layout ?? null;
  }

  /** Everything that has to be put back, as it was saved last. */
  get note(): BridgeNote | null {
    return this.#note;
  }

  /** Puts a layout in force, or changes the one that is. `earlier`: the note of a process that ended without putting things back. */
  isolate(layout: BridgeLayout, earlier: BridgeNote | null = null): Promise<void> {
    return this.#inTurn(async () => {
      const checked = this.#check(layout);
      if (earlier !== null && this.#note === null) this.#note = earlier;
      if (this.#note !== null && this.#note.bridge !== checked.bridge)
        throw new BridgeError('other-bridge', `${this.#note.bridge} is isolated; release it before ${checked.bridge}`);
      const isFirst = this.#note === null;
      await this.#guarded(async () => {
        const present = await this.#present(checked.bridge);
        const [obstacle] = obstaclesOf(checked, present);
        if (obstacle !== undefined) throw new BridgeError(obstacle.trouble, obstacle.message);
        try {
          await this.#hold({ layout, checked, present });
        } catch (error) {
          if (isFirst && this.#note !== null) await this.#putBack(this.#note);
          throw error;
        }
      });
    });
  }

  /** Takes notice of a device at a port; where the port learns, it is bound. */
  learn(fact: PortFact): Promise<Learned> {
    return this.#inTurn(async () => {
      const learned = learnFact(this.#current(), fact);
      if (learned.kind !== 'learned') return learned;
      await this.#guarded(async () => {
        const checked = this.#check(learned.layout);
        const present = await this.#present(checked.bridge);
        await this.#hold({ layout: learned.layout, checked: withoutAbsent(checked, present), present });
      });
      return learned;
    });
  }

  /** Looks whether all of it still holds, and puts right what does not. Answers what was found, nothing where all was well. */
  verify(): Promise<readonly string[]> {
    return this.#inTurn(() => this.#guarded(() => this.#repair()));
  }

  violations(): Promise<readonly Violation[]> {
    return this.#guarded(async () =>
      readViolations(await this.#print('-j', 'list', 'set', 'netdev', 'picket_ports', 'violations')),
    );
  }

  /** Puts everything back as it was, also what another process changed, by its note. */
  release(earlier: BridgeNote | null = null): Promise<void> {
    return this.#inTurn(() =>
      this.#guarded(async () => {
        const note = this.#note ?? earlier;
        if (note !== null) await this.#putBack(note);
      }),
    );
  }

  /** Ends the child process and leaves the bridge as it is. */
  close(): void {
    this.#child?.close();
    this.#child = null;
  }

  #check(layout: BridgeLayout): CheckedLayout {
    const check = checkLayout(layout);
    if (check.kind === 'checked') return check.layout;
    const lines = check.problems.map(({ where, message }) => `${where}: ${message}`);
    const more = lines.length > PROBLEMS_SHOWN_MAX ? [`and ${lines.length - PROBLEMS_SHOWN_MAX} more`] : [];
    throw new BridgeError('bad-layout', [...lines.slice(0, PROBLEMS_SHOWN_MAX), ...more].join('; '));
  }

  async #hold({ layout, checked, present }: Wanted): Promise<void> {
    const changes = wantedChanges(checked, present);
    const note = joinNotes(this.#note ?? emptyNote(checked.bridge), changes);
    await this.#options.save(note);
    this.#note = note;
    await this.#machine.set(changes.settings.map(({ name, set }) => ({ name, value: set })));
    await this.#changeProxies(checked, changes, present);
    const own = await this.#own(checked.bridge, present);
    const content = await this.#load(portContent(checked, own, this.#held?.content ?? null));
    for (const link of changes.links) await this.#machine.setLink(link);
    const indexes = indexesOf(checked, present);
    this.#held = { layout, checked, own, content, indexes, print: await this.#tables() };
  }

  /** New answers are given, and those of bindings that are gone are no longer. */
  async #changeProxies(checked: CheckedLayout, { proxies }: BridgeNote, present: Present): Promise<void> {
    await this.#machine.changeProxies('add', proxies, checked.bridge);
    const wanted = new Set(wantedChanges(checked, { ...present, proxies: [] }).proxies);
    const ours = new Set(this.#note?.proxies ?? []);
    const gone = present.proxies.filter((address) => ours.has(address) && !wanted.has(address));
    await this.#machine.changeProxies('del', gone, checked.bridge);
  }

  /** Brings the tables to a content: by the difference where that is enough, else whole. */
  async #load(content: PortContent): Promise<PortContent> {
    const before = this.#held?.content;
    if (before !== undefined && this.#isContentKnown && before.uplink === content.uplink) {
      const line = applyLine(before, content);
      if (line === '') return content;
      try {
        await this.#run(line);
        return content;
      } catch (error) {
        // A port that went away took its chain along, so the difference does not fit: all of it does.
        if (!(error instanceof NftError)) throw error;
      }
    }
    this.#isContentKnown = false;
    await this.#run(installLine(content));
    this.#isContentKnown = true;
    return content;
  }

  async #repair(): Promise<readonly string[]> {
    const held = this.#current();
    const { bridge } = held.checked;
    const present = await this.#present(bridge);
    const checked = withoutAbsent(this.#check(held.layout), present);
    const print = await this.#tables();
    const isSame = JSON.stringify(await this.#own(bridge, present)) === JSON.stringify(held.own);
    const found = [
      ...driftOf(checked, present),
      ...movesOf(held.indexes, indexesOf(checked, present)),
      ...(isSame ? [] : [`${bridge} has other addresses`]),
      ...(print === held.print && print !== '' ? [] : ['the tables were changed']),
    ];
    if (found.length === 0) return [];
    this.#isContentKnown = print === held.print && print !== '';
    await this.#hold({ layout: held.layout, checked, present });
    return found;
  }

  /**
   * Restores in the reverse order. A setting that somebody else changed since is theirs and stays; so does what is no longer there.
   * The tables go last: as long as anything is half done, nobody speaks for another.
   */
  async #putBack(note: BridgeNote): Promise<void> {
    const links = await this.#machine.links();
    for (const { link, property, before, set } of [...note.links].reverse())
      if (links.some(({ name, properties }) => name === link && properties[property] === set && set !== before))
        await this.#machine.setLink({ link, property, set: before });
    if (links.some(({ name }) => name === note.bridge)) {
      const ours = new Set(note.proxies);
      const gone = (await this.#machine.proxies(note.bridge)).filter((address) => ours.has(address));
      await this.#machine.changeProxies('del', gone, note.bridge);
    }
    const present = await this.#machine.settings(note.settings.map(({ name }) => name));
    const changed = note.settings.filter(({ name, set }) => present.get(name) === set);
    await this.#machine.set(changed.map(({ name, before }) => ({ name, value: before })).reverse());
    await this.#run(REMOVE_LINE);
    this.#held = null;
    this.#note = null;
    await this.#options.save(null);
  }

  async #present(bridge: string): Promise<Present> {
    const links = await this.#machine.links();
    const settings = await this.#machine.settings(settingNames(bridge));
    const isThere = links.some(({ name }) => name === bridge);
    return { links, settings, proxies: isThere ? await this.#machine.proxies(bridge) : [] };
  }

  async #own(bridge: string, { links }: Present): Promise<OwnEnds> {
    const mac = links.find(({ name }) => name === bridge)?.mac ?? NO_MAC;
    return { mac, addresses: await this.#machine.addresses(bridge) };
  }

  /** Our tables as they are printed, without elements. */
  async #tables(): Promise<string> {
    const blocks = (await this.#print('-s', '-t', 'list', 'ruleset')).split(/^(?=table )/m);
    return blocks.filter((block) => /^table [a-z]+ picket_ports /.test(block)).join('');
  }

  /** What a separate nft prints, '' where it fails: transactions do not wait for it. */
  #print(...words: readonly string[]): Promise<string> {
    const [program = 'nft', ...before] = this.#options.nft;
    const options = { maxBuffer: PRINTED_BYTES_MAX, timeout: PRINTED_MS_MAX };
    return new Promise((resolve) => {
      execFile(program, [...before, ...words], options, (error, stdout) => resolve(error === null ? stdout : ''));
    });
  }

  #run(line: string): Promise<string> {
    if (this.#child === null || this.#child.isGone) this.#child = new NftChild(this.#options.nft);
    return this.#child.run(line);
  }

  #current(): Held {
    if (this.#held === null) throw new BridgeError('not-isolated', 'no bridge is isolated');
    return this.#held;
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof NftError || error instanceof ToolError) throw new BridgeError('tool-failed', error.message);
      throw error;
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => {});
    return next;
  }
}

const PROBLEMS_SHOWN_MAX = 10;
/** 4,096 violations with their counters. */
const PRINTED_BYTES_MAX = 16 * 1_024 * 1_024;
const PRINTED_MS_MAX = 20_000;
