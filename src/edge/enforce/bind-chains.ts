// The chains that look a flow up: classes of both ends, then the number by port, protocol and classes. Not what happens to the flow.
// INVARIANT: whatever is not found leaves `ct mark` 0; `net4` and `net6` hold every address, so a stale word is never taken for a class.

import { mark, type Nft, nft } from '#nft';
import type { Chain } from './chain.ts';
import { namesOf, WAIT_FOR_NAME } from './name-chains.ts';
import { CLASS_BIT, ENFORCE_BIT, FREE_KEY, INSIDE_BIT } from './numbers.ts';

const ZERO = mark(0);
const MISS = nft`ct mark set ${ZERO}`;
/** What tells the class of an end that enforces nothing from whatever else may stand in `ct mark`. */
const WORD_BITS = 0xf000_0000 + CLASS_BIT + ENFORCE_BIT;

interface Way {
  readonly name: Nft;
  readonly initiator: Nft;
  readonly responder: Nft;
  readonly port: Nft;
}

const WAYS: readonly Way[] = [
  { name: nft`fwd`, initiator: nft`saddr`, responder: nft`daddr`, port: nft`dport` },
  { name: nft`rev`, initiator: nft`daddr`, responder: nft`saddr`, port: nft`sport` },
];

/** Classes of both ends: the initiator's in `meta mark`, the responder's in `ct mark`. Single addresses go before ranges. */
function versionChains(way: Way, version: 4 | 6): readonly Chain[] {
  const family = version === 4 ? nft`ip` : nft`ip6`;
  const load = (into: Nft, end: Nft, next: Nft): readonly Nft[] => [
    nft`${into} set ${family} ${end} map @eid${version} goto ${next}`,
    nft`${into} set ${family} ${end} map @net${version} goto ${next}`,
    MISS,
  ];
  const to = nft`bind${version}_${way.name}_to`;
  const find = nft`find${version}_${way.name}`;
  const wide = nft`wide${version}_${way.name}`;
  return [
    { name: wide.nft, hook: null, rules: wideRules(way, version) },
    { name: find.nft, hook: null, rules: findRules(way, version, wide) },
    { name: to.nft, hook: null, rules: load(nft`ct mark`, way.responder, find) },
    { name: `bind${version}_${way.name.nft}`, hook: null, rules: load(nft`meta mark`, way.initiator, to) },
  ];
}

/**
 * From the most particular map to the least. Where a protocol has no ports, what is read in their place finds nothing, because the
 * protocol is part of the key. A pair that is not in `wide` has single ports and nothing else.
 */
function findRules({ initiator, responder, port, name }: Way, version: 4 | 6, wide: Nft): readonly Nft[] {
  return [
    namesOf(initiator, responder, version),
    nft`ct mark set th ${port} . meta l4proto . meta mark . ct mark map @exact return`,
    nft`meta mark . ct mark @wide goto ${wide}`,
    ...missRules(name, version),
  ];
}

function wideRules({ port, name }: Way, version: 4 | 6): readonly Nft[] {
  return [
    nft`ct mark set th ${port} . meta l4proto . meta mark . ct mark map @ranges return`,
    nft`ct mark set meta l4proto . meta mark . ct mark map @anyport return`,
    nft`ct mark set meta mark . ct mark map @anyproto return`,
    ...missRules(name, version),
  ];
}

/** A scan from outside ends here: the class of its source is at hand, and nothing else has to be asked. */
function missRules(way: Nft, version: 4 | 6): readonly Nft[] {
  const silently = nft`meta mark and ${mark(INSIDE_BIT)} == ${ZERO} ct state new goto refuse_silently${version}`;
  return [
    // INVARIANT: packets of one flow may be looked up at once, and the mark is the flow's: what another packet left in it is no class.
    nft`meta mark and ${mark(ENFORCE_BIT)} == ${ZERO} ct mark and ${mark(WORD_BITS)} == ${mark(CLASS_BIT)} goto unruled`,
    ...(way.nft === 'fwd' ? [silently] : []),
    WAIT_FOR_NAME,
    MISS,
  ];
}

export const BIND_CHAINS: readonly Chain[] = [
  {
    name: 'unruled',
    hook: null,
    rules: [nft`ct mark set ${mark(FREE_KEY)}`, nft`ct mark set ct mark map @free return`, MISS],
  },
  ...WAYS.flatMap((way) => [...versionChains(way, 4), ...versionChains(way, 6)]),
  ...WAYS.map(({ name }) => ({
    name: `bind_${name.nft}`,
    hook: null,
    rules: [nft`meta nfproto vmap { ipv4 : goto bind4_${name}, ipv6 : goto bind6_${name} }`],
  })),
];

/** Looks the flow up whichever way its packet goes. */
export const BIND: readonly Nft[] = [nft`ct direction original jump bind_fwd`, nft`ct direction reply jump bind_rev`];
