// Entries that share a mark, together: which have to get another number, and what of the content is filled from each mark. Not the look-up
// entries in the content, and not what a limit becomes there.

import type { Instant } from '#model';
import type { ContentStore } from './content-store.ts';
import { Dues } from './dues.ts';
import { type FillOptions, fillMark } from './fill.ts';
import type { Hold, Holder } from './hold.ts';
import { type Known, type MarkSpec, specOf } from './marks.ts';
import { Part } from './part.ts';

/** One mark and everything that leads to it. */
export interface Draft {
  readonly key: string;
  readonly members: Set<Known>;
  spec: MarkSpec | null;
  mark: Hold | null;
  filled: Hold | null;
  part: Part | null;
}

export class Drafts {
  readonly #byKey = new Map<string, Draft>();
  /** By who logs on for them. */
  readonly #byWho = new Map<string, Set<Draft>>();
  readonly #dues = new Dues<Draft>();
  readonly #holder: Holder;
  readonly #store: ContentStore;
  #touched = new Set<Draft>();

  constructor(holder: Holder, store: ContentStore) {
    this.#holder = holder;
    this.#store = store;
  }

  /** When something has to be filled again. */
  get next(): Instant {
    return this.#dues.next;
  }

  specsOf(who: string): readonly MarkSpec[] {
    return [...(this.#byWho.get(who) ?? [])].flatMap(({ spec }) => spec ?? []);
  }

  specOf({ admitted }: Known): MarkSpec | null {
    return admitted === null ? null : (this.#byKey.get(admitted.key)?.spec ?? null);
  }

  add(known: Known): void {
    if (known.admitted === null) return;
    const { key } = known.admitted;
    let draft = this.#byKey.get(key);
    if (draft === undefined) {
      draft = { key, members: new Set(), spec: null, mark: null, filled: null, part: null };
      this.#byKey.set(key, draft);
    }
    draft.members.add(known);
    this.#touched.add(draft);
  }

  remove(known: Known): void {
    const draft = known.admitted === null ? undefined : this.#byKey.get(known.admitted.key);
    if (draft === undefined) return;
    draft.members.delete(known);
    this.#touched.add(draft);
  }

  /** Gives every mark that was touched its number; tells of those that have another now. */
  number(onRenumbered: (draft: Draft) => void): readonly Draft[] {
    const touched = [...this.#touched];
    this.#touched = new Set();
    return touched.filter((draft) => {
      const [first] = draft.members;
      if (first?.admitted == null) {
        this.#drop(draft);
        return false;
      }
      const before = draft.spec?.mark;
      const texts = new Set([...draft.members].map(({ text }) => text));
      const hold = this.#holder.begin();
      this.#forgetWho(draft);
      draft.spec = specOf(first.admitted, texts, this.#holder.numbers.marks);
      draft.mark?.release();
      draft.mark = hold;
      this.#noteWho(draft);
      if (draft.spec.mark !== before) onRenumbered(draft);
      return true;
    });
  }

  /** Marks that have to be filled at an instant: those given, and those whose time has come or whose logon changed. */
  dueAt(now: Instant, numbered: readonly Draft[], isLogonChanged: (who: string) => boolean): Set<Draft> {
    const due = new Set([...numbered, ...this.#dues.at(now)]);
    for (const [who, drafts] of this.#byWho) if (isLogonChanged(who)) for (const draft of drafts) due.add(draft);
    return due;
  }

  /** The clock went back: whatever has a time is due. */
  get timed(): Iterable<Draft> {
    return this.#dues.all;
  }

  fill(draft: Draft, options: Omit<FillOptions, 'book'>): void {
    const { spec } = draft;
    if (spec === null) return;
    const hold = this.#holder.begin();
    const part = new Part(this.#store);
    this.#dues.set(draft, fillMark(spec, { ...options, book: this.#holder.numbers }, part));
    part.putRule(spec);
    draft.part?.drop();
    draft.part = part;
    draft.filled?.release();
    draft.filled = hold;
  }

  #drop(draft: Draft): void {
    draft.part?.drop();
    draft.mark?.release();
    draft.filled?.release();
    this.#dues.delete(draft);
    this.#forgetWho(draft);
    this.#byKey.delete(draft.key);
  }

  /** Lets go of every number. */
  release(): void {
    for (const { mark, filled } of this.#byKey.values()) {
      mark?.release();
      filled?.release();
    }
  }

  #noteWho(draft: Draft): void {
    const who = draft.spec?.who ?? '';
    if (who === '') return;
    const known = this.#byWho.get(who);
    if (known === undefined) this.#byWho.set(who, new Set([draft]));
    else known.add(draft);
  }

  #forgetWho(draft: Draft): void {
    const who = draft.spec?.who ?? '';
    const known = this.#byWho.get(who);
    known?.delete(draft);
    if (known?.size === 0) this.#byWho.delete(who);
  }
}
