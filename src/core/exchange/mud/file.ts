// A MUD file as data: what RFC 8520 and RFC 8519 name, once it has been read. Not yet what it means: conversations.ts has that.

import type { Mac, PortRange, Prefix } from '#model';

/** Which way the packets of a list go, seen from the device. */
export type Way = 'from' | 'to';

export interface MudFile {
  /** As messages name it. */
  readonly name: string;
  readonly url: string;
  /** Host of the URL in lower case: the manufacturer, as `same-manufacturer` counts it. */
  readonly authority: string;
  readonly lastUpdate: string | null;
  readonly cacheValidityHours: number | null;
  readonly isSupported: boolean;
  readonly systemInfo: string | null;
  readonly manufacturer: string | null;
  readonly modelName: string | null;
  /** URL of the detached signature, named but never fetched. */
  readonly signature: string | null;
  readonly extensions: readonly string[];
  /** Keys that no known version of the format has. */
  readonly unknownKeys: readonly string[];
  readonly entries: readonly Entry[];
  /** Lists that neither policy refers to. */
  readonly unusedLists: readonly string[];
}

/** One access control entry in one way. */
export interface Entry {
  readonly list: string;
  readonly name: string;
  readonly way: Way;
  readonly isAccepting: boolean;
  readonly match: Match;
}

export interface Match {
  /** All of them must hold for the far end; none means every address. */
  readonly peers: readonly Peer[];
  readonly version: 4 | 6 | null;
  readonly protocol: number | null;
  /** Null where the entry names no port of that end. */
  readonly devicePorts: readonly PortRange[] | null;
  readonly peerPorts: readonly PortRange[] | null;
  /** `direction-initiated`: who begins. */
  readonly initiated: 'device' | 'peer' | null;
  readonly icmpType: number | null;
  readonly icmpCode: number | null;
  /** The entry is about frames that are not IP; the text names which. */
  readonly ethernet: string | null;
  /** Conditions that are not understood or that cannot both hold: the entry cannot be carried. */
  readonly unknown: readonly string[];
}

export type Peer =
  | { readonly kind: 'dns-name'; readonly pattern: string }
  | { readonly kind: 'prefix'; readonly prefix: Prefix }
  | { readonly kind: 'mac'; readonly mac: Mac }
  | { readonly kind: 'local-networks' }
  | { readonly kind: 'controller'; readonly uri: string }
  | { readonly kind: 'my-controller' }
  | { readonly kind: 'manufacturer'; readonly domain: string }
  | { readonly kind: 'same-manufacturer' }
  | { readonly kind: 'model'; readonly uri: string };

/** What makes a file unusable. */
export interface MudProblem {
  readonly path: string;
  readonly message: string;
}
