// What is trusted in each domain, held in memory so that a connection is judged without the database; read anew when something changed.
// INVARIANT: what cannot be read is not trusted; an old view is kept no longer than its age allows.

import {
  type Checked,
  type Leaf,
  type LeafQuestion,
  type Presented,
  RevocationIndex,
  type RevocationList,
  type Trust,
  type TrustBundle,
  verifyPeer,
} from '#identity';
import { type Context, instantOfMs } from './context.ts';
import { bundleOf, keysOf } from './keys.ts';
import { revocationList } from './revoke.ts';

export interface DomainTrust {
  readonly bundle: TrustBundle;
  readonly list: RevocationList;
  readonly trust: Trust;
  readonly readAt: number;
}

/** Views kept at once; a controller has at most a thousand domains. */
const DOMAINS_MAX = 1_000;
/** A view is used for at most this long after it was read: so long a revocation may go unnoticed when every notification is lost. */
const VIEW_MS_MAX = 30_000;

export class TrustBook {
  readonly #context: Context;
  readonly #views = new Map<string, DomainTrust>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** The view of a domain, read anew where it is too old. */
  async view(domain: string): Promise<DomainTrust> {
    const known = this.#views.get(domain);
    const age = known === undefined ? Number.POSITIVE_INFINITY : this.#context.now() - known.readAt;
    // A clock that was set back makes the age negative: then nothing is known of it.
    return known !== undefined && age >= 0 && age <= VIEW_MS_MAX ? known : this.read(domain);
  }

  /** Reads the view anew: after a change here, or when another controller told of one. */
  async read(domain: string): Promise<DomainTrust> {
    const { store, primitives, now } = this.#context;
    const bundle = bundleOf(await keysOf(store.db, domain));
    const list = await revocationList(this.#context, domain);
    const known = this.#views.get(domain);
    // Two reads may end in the other order: the newer content stays.
    if (known !== undefined && (known.bundle.sequence > bundle.sequence || known.list.sequence > list.sequence))
      return known;
    const roots = bundle.roots.map(({ certificate }) => certificate);
    const view: DomainTrust = {
      bundle,
      list,
      trust: { roots, revocations: new RevocationIndex(list), primitives },
      readAt: now(),
    };
    if (this.#views.size >= DOMAINS_MAX) this.#views.clear();
    this.#views.set(domain, view);
    return view;
  }

  /** By the newest list that is known here; without a list of the domain everybody is. */
  isRevoked(leaf: Leaf): boolean {
    const view = this.#views.get(leaf.id.domain);
    return view === undefined || view.trust.revocations.find(leaf) !== null;
  }

  /** Judges a peer by the view of the domain it has to belong to. */
  async check(presented: Presented, question: Omit<LeafQuestion, 'now'>): Promise<Checked<Leaf>> {
    const { trust } = await this.view(question.domain);
    return verifyPeer(presented, trust, { ...question, now: instantOfMs(this.#context.now()) });
  }
}
