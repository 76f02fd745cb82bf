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
import { type BridgeObstacle, obstaclesOf, type Present, settingNames, wantedChanges } from './wanted.ts';

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

interface Held extends InForce {
  readonly own: OwnEnds;
  /** Port → its index in the kernel. */
  readonly indexes: ReadonlyMap<string, number>;
  /** The tables as they were printed behind the last change, without their elements. */
  readonly print: string;
}

const TABLES = ['netdev', 'bridge', 'inet', 'arp'] as const;

export class Bridge {
  readonly #options: Required<BridgeOptions>;
  readonly #machine: Machine;
  #child: NftChild | null = null;
  #held: Held | null = null;
  #note: BridgeNote | null = null;
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
        try {
          await this.#hold(layout, checked);
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
      if (learned.kind === 'learned')
        await this.#guarded(() => this.#hold(learned.layout, this.#check(learned.layout)));
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

  async #hold(layout: BridgeLayout, checked: CheckedLayout): Promise<void> {
    const present = await this.#present(checked.bridge);
    const [obstacle] = obstaclesOf(checked, present);
    if (obstacle !== undefined) throw new BridgeError(obstacle.trouble, obstacle.message);
    const changes = wantedChanges(checked, present);
    const note = joinNotes(this.#note ?? emptyNote(checked.bridge), changes);
    await this.#options.save(note);
    this.#note = note;
    for (const { name, set } of changes.settings) await this.#machine.set(name, set);
    await this.#changeProxies(checked, changes, present);
    const own = await this.#own(checked.bridge, present);
    const content = await this.#load(portContent(checked, own, this.#held?.content ?? null));
    for (const link of changes.links) await this.#machine.setLink(link);
    const indexes = new Map(present.links.map(({ name, index }) => [name, index]));
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
    if (before !== undefined && before.uplink === content.uplink) {
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
    await this.#run(installLine(content));
    return content;
  }

  async #repair(): Promise<readonly string[]> {
    const { layout, checked, indexes, print, own } = this.#current();
    const present = await this.#present(checked.bridge);
    const found = [
      ...wantedChanges(checked, present).settings.map(({ name }) => `${name} was changed`),
      ...wantedChanges(checked, present).links.map(({ link, property }) => `${property} of ${link} was changed`),
      ...wantedChanges(checked, present).proxies.map((address) => `the bridge no longer answered for ${address}`),
      ...[...indexes].flatMap(([name, index]) =>
        present.links.some((link) => link.name === name && link.index !== index)
          ? [`${name} came back as a new link`]
          : [],
      ),
      ...(JSON.stringify(await this.#own(checked.bridge, present)) === JSON.stringify(own)
        ? []
        : [`${checked.bridge} has other addresses`]),
      ...((await this.#tables()) === print ? [] : ['the tables were changed']),
    ];
    if (found.length === 0) return [];
    this.#held = null;
    await this.#hold(layout, checked);
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
    for (const { name, before, set } of [...note.settings].reverse())
      if ((await this.#machine.setting(name)) === set) await this.#machine.set(name, before);
    await this.#run(REMOVE_LINE);
    this.#held = null;
    this.#note = null;
    await this.#options.save(null);
  }

  async #present(bridge: string): Promise<Present> {
    const links = await this.#machine.links();
    const settings = new Map<string, string>();
    for (const name of settingNames(bridge)) {
      const value = await this.#machine.setting(name);
      if (value !== null) settings.set(name, value);
    }
    const isThere = links.some(({ name }) => name === bridge);
    return { links, settings, proxies: isThere ? await this.#machine.proxies(bridge) : [] };
  }

  async #own(bridge: string, { links }: Present): Promise<OwnEnds> {
    const mac = links.find(({ name }) => name === bridge)?.mac ?? NO_MAC;
    return { mac, addresses: await this.#machine.addresses(bridge) };
  }

  async #tables(): Promise<string> {
    const texts: string[] = [];
    for (const family of TABLES) texts.push(await this.#print('-s', '-t', 'list', 'table', family, 'picket_ports'));
    return texts.join('');
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
