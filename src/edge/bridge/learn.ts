// A device that nobody named: whether it becomes a port's binding. Pure; who saw it, and when, is asked elsewhere.

import { type AddressBytes, addressText, isGroupMac, type Mac, macText, parseMac } from '#model';
import { address, interfaceName, mac, nft } from '#nft';
import { isFour, type PortContent } from './content.ts';
import { type BridgeLayout, type BridgePort, type CheckedLayout, canBind, isLinkLocal6 } from './layout.ts';
import type { BindingSet } from './sets.ts';

/** What was seen at a port, such as an ARP announcement or a neighbour message. */
export interface PortFact {
  readonly port: string;
  readonly mac: Mac;
  /** Null where only the MAC was seen. */
  readonly address: AddressBytes | null;
}

/** `closed`: the port takes nobody new. `other-device`: it has its one already. `taken`: the address is another's. `foreign`: no address of these subnets. */
export type NotLearned = 'closed' | 'other-device' | 'taken' | 'foreign' | 'full' | 'no-device';

export type Learned =
  | { readonly kind: 'known' }
  | { readonly kind: 'learned'; readonly layout: BridgeLayout }
  | { readonly kind: 'refused'; readonly reason: NotLearned };

/** Addresses that one device may come by without anybody's leave. */
export const LEARNED_ADDRESSES_MAX = 16;

export interface InForce {
  readonly layout: BridgeLayout;
  readonly checked: CheckedLayout;
  readonly content: PortContent;
}

/** Decides on one fact. First come, first bound: what is bound stays bound until somebody changes the layout. */
export function learnFact({ layout, checked, content }: InForce, fact: PortFact): Learned {
  if (!(fact.mac > 0) || isGroupMac(fact.mac)) return refused('no-device');
  if (isKnown(content, fact)) return { kind: 'known' };
  const port = layout.ports.find(({ name }) => name === fact.port);
  if (port === undefined) return refused('closed');
  const text = macText(fact.mac);
  const own = (port.elements ?? []).find((element) => parseMac(element.mac) === fact.mac);
  // A device chooses its link-local address itself, and with it reaches nobody but the gateway: one that is bound may have it anywhere.
  const isOwnChoice = own !== undefined && fact.address !== null && isLinkLocal6(fact.address);
  if (!checked.learning.has(fact.port) && !isOwnChoice) return refused('closed');
  if (own === undefined && (port.elements ?? []).length > 0) return refused('other-device');
  if (own === undefined && has(content, 'macs', mac(fact.mac).nft)) return refused('taken');
  const reason = fact.address === null ? null : whyNot(fact.address, own?.addresses.length ?? 0, { checked, content });
  if (reason !== null) return refused(reason);
  const added = fact.address === null ? [] : [addressText(fact.address)];
  const element = { ...own, mac: text, addresses: [...(own?.addresses ?? []), ...added] };
  return { kind: 'learned', layout: withElement(layout, port, element) };
}

function refused(reason: NotLearned): Learned {
  return { kind: 'refused', reason };
}

function isKnown(content: PortContent, { port, mac: value, address: bytes }: PortFact): boolean {
  if (!content.ports.has(port)) return false;
  const sender = nft`${interfaceName(port)} . ${mac(value)}`;
  if (bytes === null)
    return has(content, 'links', nft`${sender} . ${{ nft: `0x${macText(value).replaceAll(':', '')}` }}`.nft);
  return has(content, isFour(bytes) ? 'bound4' : 'bound6', nft`${sender} . ${address(bytes)}`.nft);
}

function has(content: PortContent, name: BindingSet, key: string): boolean {
  return content.sets.get(name)?.has(key) ?? false;
}

function whyNot(
  bytes: AddressBytes,
  count: number,
  { checked, content }: Pick<InForce, 'checked' | 'content'>,
): NotLearned | null {
  if (!canBind(bytes, checked.subnets)) return 'foreign';
  if (has(content, isFour(bytes) ? 'taken4' : 'taken6', address(bytes).nft)) return 'taken';
  return count >= LEARNED_ADDRESSES_MAX ? 'full' : null;
}

function withElement(
  layout: BridgeLayout,
  port: BridgePort,
  element: { readonly mac: string; readonly addresses: readonly string[] },
): BridgeLayout {
  const others = (port.elements ?? []).filter(({ mac: one }) => parseMac(one) !== parseMac(element.mac));
  const changed: BridgePort = { ...port, elements: [...others, element] };
  return { ...layout, ports: layout.ports.map((one) => (one === port ? changed : one)) };
}
