// A policy's entries as a table that takes deltas: order by neighbours, found by name, one digest over all. A class, because it changes in place: a
// delta of one rule must not cost a walk over the policy. Not the policy: what entries mean is checked when they are made into one.

import { ENTRY_SECTIONS, type EntrySection, type PolicyEntry } from '#policy';
import { ENTRIES_MAX } from './bounds.ts';
import type { Delta } from './delta.ts';
import { DigestTree, type Hash } from './digest.ts';

interface Node {
  readonly entry: PolicyEntry;
  before: Node | null;
  after: Node | null;
}

interface Section {
  first: Node | null;
  last: Node | null;
}

/** A name that no two entries share: sections have no space in their names. */
function keyOf(section: EntrySection, id: string): string {
  return `${section} ${id}`;
}

export class EntryTable {
  readonly #nodes = new Map<string, Node>();
  readonly #sections: ReadonlyMap<EntrySection, Section>;
  readonly #tree: DigestTree;

  /** Of two entries with one name the later counts. */
  constructor(entries: readonly PolicyEntry[], hash: Hash) {
    this.#tree = new DigestTree(hash);
    this.#sections = new Map(ENTRY_SECTIONS.map((section) => [section, { first: null, last: null }]));
    for (const entry of entries) this.#set(entry);
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** Covers every entry, its content and its place. Equal entries in equal order give equal digests, by whatever way they came. */
  get digest(): string {
    return this.#tree.digest;
  }

  /** In the order of the document. */
  get entries(): readonly PolicyEntry[] {
    const all: PolicyEntry[] = [];
    for (const section of this.#sections.values())
      for (let node = section.first; node !== null; node = node.after) all.push(node.entry);
    return all;
  }

  /**
   * Takes the delta and returns what takes it back, or says why it does not fit and changes nothing. INVARIANT: who calls compares the digest
   * with the signed one and calls the undo where they differ.
   */
  apply(delta: Delta): { readonly undo: () => void } | { readonly trouble: string } {
    const undos: (() => void)[] = [];
    const undo = (): void => {
      for (const step of undos.toReversed()) step();
    };
    const trouble = this.#steps(delta, undos);
    if (trouble === null) return { undo };
    undo();
    return { trouble };
  }

  #steps({ remove, set, place }: Delta, undos: (() => void)[]): string | null {
    for (const [section, id] of remove) {
      const node = this.#nodes.get(keyOf(section, id));
      if (node === undefined) return `there is no ${section} entry "${id}" to remove`;
      undos.push(this.#remove(node));
    }
    for (const [section, id, json] of set) undos.push(this.#set({ section, id, json }));
    if (this.size > ENTRIES_MAX) return `more than ${ENTRIES_MAX} entries`;
    for (const [section, id, after] of place) {
      const node = this.#nodes.get(keyOf(section, id));
      const anchor = after === null ? null : this.#nodes.get(keyOf(section, after));
      if (node === undefined || anchor === undefined || anchor === node)
        return `the ${section} entry "${id}" cannot stand behind "${after}"`;
      undos.push(this.#place(node, anchor));
    }
    return null;
  }

  /** A new entry comes to the end of its section. */
  #set(entry: PolicyEntry): () => void {
    const key = keyOf(entry.section, entry.id);
    const old = this.#nodes.get(key);
    const section = this.#sectionOf(entry);
    const node: Node = { entry, before: old?.before ?? null, after: old?.after ?? null };
    this.#nodes.set(key, node);
    if (old === undefined) {
      this.#insert(node, section.last);
      return () => this.#remove(node);
    }
    this.#swap(section, node);
    return () => this.#set(old.entry);
  }

  /** `node` takes the place of the one with its name. */
  #swap(section: Section, node: Node): void {
    if (node.before === null) section.first = node;
    else node.before.after = node;
    if (node.after === null) section.last = node;
    else node.after.before = node;
    this.#leaf(node);
  }

  #remove(node: Node): () => void {
    const current = this.#nodes.get(keyOf(node.entry.section, node.entry.id)) ?? node;
    const anchor = current.before?.entry ?? null;
    this.#unlink(current);
    this.#nodes.delete(keyOf(current.entry.section, current.entry.id));
    this.#tree.delete(keyOf(current.entry.section, current.entry.id));
    return () => {
      this.#set(current.entry);
      this.#putBehind(current.entry, anchor);
    };
  }

  #place(node: Node, anchor: Node | null): () => void {
    const was = node.before?.entry ?? null;
    this.#unlink(node);
    this.#insert(node, anchor);
    return () => this.#putBehind(node.entry, was);
  }

  #putBehind({ section, id }: PolicyEntry, anchor: PolicyEntry | null): void {
    const node = this.#nodes.get(keyOf(section, id));
    const behind = anchor === null ? null : (this.#nodes.get(keyOf(section, anchor.id)) ?? null);
    if (node === undefined) return;
    this.#unlink(node);
    this.#insert(node, behind);
  }

  #insert(node: Node, anchor: Node | null): void {
    const section = this.#sectionOf(node.entry);
    node.before = anchor;
    node.after = anchor === null ? section.first : anchor.after;
    if (node.before === null) section.first = node;
    else node.before.after = node;
    if (node.after === null) section.last = node;
    else node.after.before = node;
    this.#leaf(node);
    if (node.after !== null) this.#leaf(node.after);
  }

  #unlink(node: Node): void {
    const section = this.#sectionOf(node.entry);
    if (node.before === null) section.first = node.after;
    else node.before.after = node.after;
    if (node.after === null) section.last = node.before;
    else {
      node.after.before = node.before;
      this.#leaf(node.after);
    }
  }

  /** A leaf names the entry before it, so the leaves together say the order, and a move changes three of them. */
  #leaf({ entry: { section, id, json }, before }: Node): void {
    this.#tree.set(keyOf(section, id), JSON.stringify([section, id, before?.entry.id ?? null, json]));
  }

  #sectionOf({ section }: PolicyEntry): Section {
    const found = this.#sections.get(section);
    if (found === undefined) throw new Error(`a bug: no section ${section}`);
    return found;
  }
}

/** Digest of entries that are not kept as a table. */
export function digestOf(entries: readonly PolicyEntry[], hash: Hash): string {
  return new EntryTable(entries, hash).digest;
}
