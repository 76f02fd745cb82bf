// What the API is made from, and its limits with their reasons. Not the pipeline.

import type { Authenticate, Handlers, RouteTable } from '#routes';

export interface ApiLimits {
  /** Requests a second from one address before anybody is believed, and how many at once: a page of the console asks some twenty. */
  readonly peerPerSecond: number;
  readonly peerBurst: number;
  /** The same for one actor, from wherever. */
  readonly actorPerSecond: number;
  readonly actorBurst: number;
  /** Streams followed by one actor, and by all: each holds a connection and a subscription. */
  readonly streamsPerActor: number;
  readonly streams: number;
  /** Bytes of bodies held at once, all requests together: what a crowd of slow senders may take of the memory. */
  readonly bodyBytesHeld: number;
  /** Between heartbeats of a quiet stream; proxies close after 30 to 60 s. */
  readonly heartbeatMs: number;
  /** Between two looks whether the follower may still follow: a revoked session ends its streams within this time. */
  readonly recheckMs: number;
}

export const API_LIMITS: ApiLimits = Object.freeze({
  peerPerSecond: 100,
  peerBurst: 400,
  actorPerSecond: 50,
  actorBurst: 200,
  streamsPerActor: 8,
  streams: 512,
  bodyBytesHeld: 64 * 1_024 * 1_024,
  heartbeatMs: 15_000,
  recheckMs: 15_000,
});

/** A file that is served as it is to anybody: pages of the logon, the console. */
export interface StaticFile {
  readonly mediaType: string;
  readonly content: string | Uint8Array;
}

/** What is told of each request when it is answered. Holds nothing that a client wrote, except by way of the actor's id. */
export interface RequestRecord {
  readonly trace: string;
  /** Id of the route; null where none was found. */
  readonly route: string | null;
  readonly status: number;
  readonly code: string | null;
  readonly actor: string | null;
  readonly peerAddress: string;
  readonly tookMs: number;
}

export interface ApiOptions<Table extends RouteTable> {
  readonly table: Table;
  readonly handlers: Handlers<Table>;
  readonly authenticate: Authenticate;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A new name for a request: letters and digits, different each time. */
  readonly newTrace: () => string;
  /** Names by which this controller is reached, lower case, without port; a request for another one is refused. */
  readonly hosts: readonly string[];
  /** Origins whose pages may use a cookie, for instance `https://picket.example:7443`. */
  readonly origins: readonly string[];
  /** Addresses whose `X-Forwarded-For` is believed. None: nobody's. */
  readonly trustedProxies?: readonly string[];
  readonly files?: ReadonlyMap<string, StaticFile>;
  readonly limits?: Partial<ApiLimits>;
  /** Told of bugs, with the whole error: for the log only. */
  readonly bug: (trace: string, error: unknown) => void;
  readonly told?: (record: RequestRecord) => void;
}
