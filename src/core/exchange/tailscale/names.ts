// Names of a Tailscale policy file: groups, hosts, sets of addresses, tags, users, autogroups; each as a selector of a policy.

import { type Prefix, parsePrefix, type Selector } from '#model';
import type { Draft } from '../draft/draft.ts';
import { isLabel, plainId } from '../draft/plain.ts';
import { edgesOf, looseRange, rangePrefixes } from '../draft/prefixes.ts';
import { ANYONE, butNot, eitherOf, labelled, NOBODY, prefixed } from '../draft/selectors.ts';
import { at, textAt, textsAt } from '../draft/values.ts';

/** Addresses that Tailscale gives to devices (Tailscale documentation, "IP pool" and "IPv6"). */
const TAILNET = ['100.64.0.0/10', 'fd7a:115c:a1e0::/48'];
/** Groups in groups are refused by Tailscale; sets in sets are bounded here. */
const DEPTH_MAX = 8;
/** Members of all groups, so that one short text cannot become a long one. */
const PEOPLE_MAX = 10_000;

export class Names {
  readonly #file: unknown;
  readonly #draft: Draft;
  /** Element id of each user. */
  readonly #people = new Map<string, string>();

  constructor(file: unknown, draft: Draft) {
    this.#file = file;
    this.#draft = draft;
  }

  /** The tailnet's own devices, whatever address their element has. */
  readonly tailnet: Selector = eitherOf([
    ...TAILNET.flatMap((text) => parsePrefix(text) ?? []).map(prefixed),
    { kind: 'element-kind', value: 'human' },
  ]);

  /** Null where it cannot be said. */
  source(text: string): Selector | null {
    if (text === '*') return this.tailnet;
    return this.#common(text);
  }

  /** Null where it cannot be said. */
  destination(text: string): Selector | null {
    if (text === '*') return ANYONE;
    if (text === 'autogroup:internet') return { kind: 'internet' };
    return this.#common(text);
  }

  #common(text: string): Selector | null {
    if (text.startsWith('group:')) return this.#group(text);
    if (text.startsWith('tag:')) return this.#tag(text.slice(4));
    if (text.startsWith('ipset:')) return this.#set(text, 0);
    if (text.startsWith('autogroup:')) return this.#autogroup(text);
    if (text.includes('@')) return this.#user(text);
    const host = textAt(at(this.#file, 'hosts'), text);
    const prefixes = rangeOf(host ?? text);
    return prefixes === null ? null : eitherOf(prefixes.map(prefixed));
  }

  #group(name: string): Selector | null {
    if (at(at(this.#file, 'groups'), name) === undefined) return null;
    const members = textsAt(at(this.#file, 'groups'), name).map((user) =>
      user.includes('@') ? this.#user(user) : null,
    );
    if (members.includes(null))
      this.#draft.drop(`groups ${name}`, 'a member that is no user', 'it is left out, so the policy permits less');
    return eitherOf(members.filter((member) => member !== null));
  }

  /** Members are the people of the policy; other autogroups depend on what only the tailnet knows. */
  #autogroup(text: string): Selector | null {
    if (text !== 'autogroup:member') return null;
    this.#draft.ask(
      '"autogroup:member" was taken as every element of kind human. Is nobody from another tailnet among them?',
    );
    return { kind: 'element-kind', value: 'human' };
  }

  #tag(name: string): Selector | null {
    const key = `tag/${name}`;
    return isLabel(key, 'member') ? labelled(key, 'member') : null;
  }

  #user(login: string): Selector | null {
    // "user:*@example.com" and "*@example.com" mean everyone of a domain, which only the tailnet can tell.
    if (login.includes('*') || login.startsWith('user:')) return null;
    const id = this.person(login);
    return id === null ? null : { kind: 'element', id };
  }

  /** The element of a user; null when there are too many. */
  person(login: string): string | null {
    const name = login.toLowerCase();
    const known = this.#people.get(name);
    if (known !== undefined) return known;
    if (this.#people.size >= PEOPLE_MAX || /[\s\p{C}]/u.test(login) || login.length > 200) return null;
    const id = this.#draft.idFor(plainId(login));
    this.#people.set(name, id);
    this.#draft.addElement({ id, kind: 'human', login });
    return id;
  }

  get hasPeople(): boolean {
    return this.#people.size > 0;
  }

  #set(name: string, depth: number): Selector | null {
    const list = at(at(this.#file, 'ipsets'), name);
    if (!Array.isArray(list) || depth > DEPTH_MAX) return null;
    let whole: Selector = NOBODY;
    for (const item of list) {
      const [, word = 'add', target = ''] =
        /^(?:(add|remove) )?\s*(\S+)$/.exec(typeof item === 'string' ? item : '') ?? [];
      const part = this.#setPart(target, depth);
      // What is to be removed and cannot be said would leave the set too wide, so the whole set is not said.
      if (part === null && word === 'remove') return null;
      if (part === null)
        this.#draft.drop(
          `ipsets ${name}`,
          `"${target}"`,
          'it cannot be said and is left out, so the policy permits less',
        );
      else whole = word === 'remove' ? butNot(whole, part) : eitherOf([whole, part]);
    }
    return whole;
  }

  #setPart(target: string, depth: number): Selector | null {
    if (target.startsWith('ipset:')) return this.#set(target, depth + 1);
    const host = target.startsWith('host:') ? textAt(at(this.#file, 'hosts'), target.slice(5)) : target;
    const prefixes = host === null ? null : rangeOf(host);
    return prefixes === null ? null : eitherOf(prefixes.map(prefixed));
  }

  /** The single address of an end, for tests; null where there is none. */
  address(text: string): string | null {
    const [only, ...more] = rangeOf(textAt(at(this.#file, 'hosts'), text) ?? text) ?? [];
    return only === undefined || more.length > 0 || only.length < 128 ? null : edgesOf(only).first;
  }
}

/** An address, a prefix, or `10.0.0.1-10.0.0.9`. */
function rangeOf(text: string): readonly Prefix[] | null {
  const [first = '', last, ...more] = text.split('-');
  if (last !== undefined) return more.length > 0 ? null : rangePrefixes(first, last);
  const prefix = looseRange(text);
  return prefix === null ? null : [prefix];
}
