// The pipeline that every request goes through: throttle, who, may they, values, handler, answer. Each step refuses by throwing a Refusal. Not the steps themselves.

import { TLSSocket } from 'node:tls';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { type Actor, judge, NOBODY, Refusal, type RequestFacts, type RouteTable } from '#routes';
import { problemResponse } from './answers.ts';
import type { Bound } from './bind.ts';
import { BodyBudget, bodyOf, hasBody } from './body.ts';
import { queryFields } from './checked.ts';
import { factsOf, refuseOtherOrigins } from './facts.ts';
import { fileFor } from './files.ts';
import { API_LIMITS, type ApiLimits, type ApiOptions } from './options.ts';
import { refusalOf, toldOf } from './refusals.ts';
import { Sender } from './sender.ts';
import { peerKey, Throttle } from './throttle.ts';

export type ApiContext = Context<{ Bindings: HttpBindings }>;
/** Method → route of one path. */
export type Methods = ReadonlyMap<string, Bound>;

interface Visit {
  readonly context: ApiContext;
  readonly trace: string;
  readonly facts: RequestFacts;
  readonly beganMs: number;
}

export class Pipeline {
  readonly #options: ApiOptions<RouteTable>;
  readonly #limits: ApiLimits;
  readonly #peers: Throttle;
  readonly #actors: Throttle;
  readonly #bodies: BodyBudget;
  readonly #sender: Sender;

  constructor(options: ApiOptions<RouteTable>) {
    this.#options = options;
    this.#limits = { ...API_LIMITS, ...options.limits };
    this.#peers = new Throttle({ perSecond: this.#limits.peerPerSecond, burst: this.#limits.peerBurst });
    this.#actors = new Throttle({ perSecond: this.#limits.actorPerSecond, burst: this.#limits.actorBurst });
    this.#bodies = new BodyBudget(this.#limits.bodyBytesHeld);
    this.#sender = new Sender(this.#limits, options.bug);
  }

  close(): void {
    this.#sender.close();
  }

  /** Answers a request for a path that knows these methods; with none, there is no such path. Never rejects. */
  async answer(context: ApiContext, methods: Methods): Promise<Response> {
    const { headers } = context.req.raw;
    const { trustedProxies = [], now, newTrace } = this.#options;
    const facts = factsOf({ headers, incoming: context.env.incoming, trustedProxies });
    const visit = { context, trace: newTrace(), facts, beganMs: now() };
    const note: Note = { route: null, code: null, actor: null };
    let response: Response;
    try {
      response = await this.#answered(visit, methods, note);
    } catch (error) {
      response = this.#failed(visit, error, note);
    }
    response.headers.set('picket-trace', visit.trace);
    if (isOverTls(context)) response.headers.set('strict-transport-security', 'max-age=31536000');
    const { route, code, actor } = note;
    const tookMs = now() - visit.beganMs;
    const { trace } = visit;
    this.#options.told?.({
      trace,
      route,
      status: response.status,
      code,
      actor,
      peerAddress: facts.peerAddress,
      tookMs,
    });
    return response;
  }

  async #answered(visit: Visit, methods: Methods, note: Note): Promise<Response> {
    const { context, facts } = visit;
    this.#slowDown(this.#peers, peerKey(facts.peerAddress));
    const bound = this.#routeOf(context, methods);
    if (bound instanceof Response) return bound;
    note.route = bound.id;
    const actor = await this.#actorOf(visit, bound);
    note.actor = actor.kind === 'nobody' ? null : `${actor.kind}:${actor.id}`;
    this.#allow(context, bound, actor);
    if (note.actor !== null) this.#slowDown(this.#actors, note.actor);
    const { route } = bound;
    const isBodyless = context.req.method === 'HEAD' && route.answer.kind !== 'json';
    if (isBodyless) return this.#sender.head(route);
    const asked = { ...(await this.#partsOf(context, bound)), actor, facts, trace: visit.trace };
    const life = this.#sender.lifeOf(context.req.raw.signal);
    const reply = await bound.ask({ ...asked, signal: life.signal });
    const isAllowed = (): Promise<boolean> => this.#mayGoOn(visit, bound, actor);
    return this.#sender.send({
      route,
      reply,
      request: context.req.raw,
      life,
      follower: note.actor ?? facts.peerAddress,
      isAllowed,
      cut: () => void context.env.outgoing.destroy(),
      trace: visit.trace,
    });
  }

  #slowDown(throttle: Throttle, key: string): void {
    const waitMs = throttle.take(key, this.#options.now());
    if (waitMs === 0) return;
    throw new Refusal({
      code: 'PICKET-C429',
      message: 'too many requests from here in the last seconds; nothing was changed',
      help: 'wait as long as Retry-After says',
      retryAfterSeconds: waitMs / 1_000,
    });
  }

  /** The route, or at once what needs none: a file, the answer to OPTIONS. */
  #routeOf(context: ApiContext, methods: Methods): Bound | Response {
    const { method, path } = context.req;
    const file = fileFor(context.req.raw, path, this.#options.files ?? new Map());
    if (file !== null) return file;
    if (methods.size === 0)
      throw new Refusal({ code: 'PICKET-C404', message: 'there is no such path; nothing was changed' });
    if (method === 'OPTIONS') return this.#sender.options(methods);
    const bound = methods.get(method === 'HEAD' ? 'GET' : method);
    if (bound !== undefined) return bound;
    throw new MethodRefusal(allowOf(methods));
  }

  async #actorOf({ context, facts }: Visit, { route }: Bound): Promise<Actor> {
    const { origins } = this.#options;
    const who = await this.#options.authenticate(facts);
    const isByCookie = who.kind === 'actor' && who.by === 'cookie';
    refuseOtherOrigins({ method: context.req.method, headers: context.req.raw.headers, origins, isByCookie });
    if (who.kind === 'actor') return who.actor;
    // A stale cookie must not keep anybody from the page where they log on anew.
    if (who.kind === 'nobody' || route.access.kind === 'open') return NOBODY;
    throw new Refusal({ code: who.code, message: who.message, help: who.help });
  }

  #allow(context: ApiContext, { route, isOfDomain }: Bound, actor: Actor): void {
    const domain = isOfDomain ? (context.req.param('domain') ?? '') : null;
    const judgement = judge({ access: route.access, actor, domain, now: this.#options.now() });
    if (judgement !== 'allowed') throw refusalOf(judgement, route.access);
  }

  async #partsOf(context: ApiContext, { route }: Bound) {
    const request = context.req.raw;
    const query = queryFields(new URL(request.url).searchParams);
    const isWithBody = route.bodyExample !== undefined;
    if (!isWithBody && hasBody(request)) throw unexpectedBody();
    const ifMatch = route.ifMatch === 'needed' ? neededTag(request.headers.get('if-match')) : '';
    const body = isWithBody ? await bodyOf(request, route, this.#bodies) : undefined;
    return { params: context.req.param(), query, body, ifMatch, lastEventId: request.headers.get('last-event-id') };
  }

  /** Whether a follower may go on: the session may be over, the role taken away. */
  async #mayGoOn(visit: Visit, bound: Bound, before: Actor): Promise<boolean> {
    const who = await this.#options.authenticate(visit.facts);
    const actor = who.kind === 'actor' ? who.actor : NOBODY;
    if (actor.kind !== before.kind || actor.id !== before.id) return false;
    const domain = bound.isOfDomain ? (visit.context.req.param('domain') ?? '') : null;
    return judge({ access: bound.route.access, actor, domain, now: this.#options.now() }) === 'allowed';
  }

  #failed(visit: Visit, error: unknown, note: Note): Response {
    const told = toldOf(error);
    if (told.isBug) this.#options.bug(visit.trace, error);
    note.code = told.error.code;
    const headers = error instanceof MethodRefusal ? { allow: error.allow } : {};
    return problemResponse({ error: told.error, kind: told.kind, trace: visit.trace, headers });
  }
}

/** What is known so far, for the record of the request. */
interface Note {
  route: string | null;
  code: string | null;
  actor: string | null;
}

function isOverTls({ env }: ApiContext): boolean {
  return env.incoming.socket instanceof TLSSocket;
}

class MethodRefusal extends Refusal {
  readonly allow: string;

  constructor(allow: string) {
    super({ code: 'PICKET-C405', message: `the path does not know this method, only ${allow}; nothing was changed` });
    this.allow = allow;
  }
}

export function allowOf(methods: Methods): string {
  const names = [...methods.keys()];
  return [...names, ...(names.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
}

function unexpectedBody(): Refusal {
  return new Refusal({
    code: 'PICKET-C400',
    message: 'the route takes no body, and there is one; nothing was changed',
    where: 'body',
  });
}

/** One strong tag: a list or `*` would let a change be made on top of something not read. */
function neededTag(header: string | null): string {
  if (header === null) {
    const help = 'read the thing first, and send its ETag as If-Match';
    throw new Refusal({
      code: 'PICKET-C421',
      message: 'the header If-Match is needed; nothing was changed',
      help,
      where: 'header.if-match',
    });
  }
  const tag = /^"([\x21\x23-\x7e]{1,128})"$/.exec(header)?.[1];
  if (tag !== undefined) return tag;
  const message = 'the header If-Match is not one strong tag in quotes; nothing was changed';
  throw new Refusal({ code: 'PICKET-C400', message, where: 'header.if-match' });
}
