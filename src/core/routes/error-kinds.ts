// Kinds of errors: code, HTTP status and page of everything a route may refuse with. Each area adds its own beside its routes. Not the errors themselves.

export interface ErrorKind {
  readonly status: number;
  /** Short, the same for every occurrence. Lower case, no full stop. */
  readonly title: string;
  /** For `picket explain`: what it means and the way out. */
  readonly page: readonly string[];
}

export type ErrorKinds = Readonly<Record<`PICKET-C${number}`, ErrorKind>>;

/** Errors of the frame itself, PICKET-C400 to C499; numbers recall the HTTP status where they can. */
export const apiErrors = {
  'PICKET-C400': kind(400, 'the request is malformed', [
    'It is no HTTP as this server reads it: an odd target, a header twice, a query name twice. Nothing was changed.',
  ]),
  'PICKET-C401': kind(401, 'not logged on', [
    'The route needs a person or an API token, and neither a session nor a token was shown. Nothing was changed.',
    'Log on with: picket login URL',
  ]),
  'PICKET-C403': kind(403, 'your role does not allow this', [
    'Roles are viewer, operator, approver and owner, each including the ones before it, and are given by domain. The message says which one is needed. Nothing was changed.',
    'An owner of the domain can give it: picket users',
  ]),
  'PICKET-C404': kind(404, 'there is no such path', [
    'The address names nothing that this controller serves. Nothing was changed.',
    '/v1/openapi.json lists every path. A command of another version may ask for paths that are not there: compare picket version.',
  ]),
  'PICKET-C405': kind(405, 'the path does not know this method', [
    'The header "Allow" of the answer names the methods it knows. Nothing was changed.',
  ]),
  'PICKET-C406': kind(404, 'there is no such domain for you', [
    'Either no domain has this name, or you have no role in it: both look the same, so that names of domains cannot be guessed. Nothing was changed.',
    'picket whoami lists your domains.',
  ]),
  'PICKET-C407': kind(403, 'the API token lacks a scope', [
    'A token does only what its scopes name, whatever the role of the person who made it. The message names the scope. Nothing was changed.',
    'Make a token with that scope: picket tokens api',
  ]),
  'PICKET-C408': kind(408, 'the request came too slowly', [
    'A request has to arrive whole within half a minute, its header within ten seconds: slow ones would keep others out. Nothing was changed.',
  ]),
  'PICKET-C409': kind(403, 'log on again for this', [
    'What needs an owner also needs a person who proved to be there within the last five minutes. Nothing was changed.',
    'Log on again and repeat it.',
  ]),
  'PICKET-C410': kind(403, 'only a person may do this', [
    'API tokens are for programs. What concerns sessions, passkeys and tokens themselves, and what needs a fresh logon, is for people in a session. Nothing was changed.',
  ]),
  'PICKET-C412': kind(412, 'it was changed meanwhile', [
    'The header "If-Match" names a revision that is not the current one: somebody else changed it since you read it. Nothing was changed.',
    'Read it again, look at what is new, and repeat your change on top.',
  ]),
  'PICKET-C413': kind(413, 'the body is too large', [
    'Bodies have at most one megabyte, policies at most four; the message says which. Nothing was changed.',
  ]),
  'PICKET-C414': kind(414, 'the address is too long', [
    'Path and query have at most 4096 characters together. Nothing was changed.',
  ]),
  'PICKET-C415': kind(415, 'the body is of another type', [
    'Bodies are JSON in UTF-8: Content-Type: application/json, without Content-Encoding. Nothing was changed.',
  ]),
  'PICKET-C417': kind(421, 'this name is not served here', [
    'The header "Host" names another machine than this controller is configured for. Answering all the same would let other sites speak in your name (DNS rebinding). Nothing was changed.',
    'Use the public name of the controller, or add the name to its configuration.',
  ]),
  'PICKET-C418': kind(403, 'the request comes from another site', [
    'A browser sent it from a page of another origin, or without the header "Picket-Request: 1" that pages of another origin cannot set. Nothing was changed.',
  ]),
  'PICKET-C419': kind(403, 'only an agent may do this', [
    'The route is for agents, which show the certificate they got when they joined. Nothing was changed.',
  ]),
  'PICKET-C420': kind(404, 'there is no such thing', [
    'The path is right, but what it names is not there, or no longer. Nothing was changed.',
  ]),
  'PICKET-C421': kind(428, 'the header "If-Match" is needed', [
    'A change says on top of which revision it is made, so that two people cannot undo each other unseen. Nothing was changed.',
    'Read the thing first and send its "ETag" as "If-Match".',
  ]),
  'PICKET-C422': kind(422, 'values are not as needed', [
    'The body, the query or the path holds values of another kind or out of bounds. Each is listed with its place. Nothing was changed.',
  ]),
  'PICKET-C423': kind(400, 'the body cannot be read', [
    'It is not JSON in UTF-8, is nested deeper than 64 levels, or names a field twice. Nothing was changed.',
  ]),
  'PICKET-C424': kind(400, 'methods are not overridden', [
    'A header asks to treat the request as another method. Proxies and people would then see another request than the one carried out. Nothing was changed.',
  ]),
  'PICKET-C429': kind(429, 'too many requests', [
    'Each client may ask so many times a second, so that none keeps the others out. Nothing was changed.',
    'Wait as many seconds as the header "Retry-After" says.',
  ]),
  'PICKET-C430': kind(429, 'too many streams', [
    'Each client follows at most a few records at once. Close one of them, or wait as "Retry-After" says.',
  ]),
  'PICKET-C431': kind(431, 'the header is too large', [
    'The header of a request has at most 16 kilobytes and 64 lines. Nothing was changed.',
  ]),
  'PICKET-C440': kind(500, 'the controller met a bug in itself', [
    'It is in the log of the controller, under the "trace" that the answer names. Please report those lines.',
  ]),
  'PICKET-C441': kind(503, 'the controller cannot answer now', [
    'It is starting, stopping, or something it needs is away; the message says what. picket controller status says more.',
  ]),
} as const satisfies ErrorKinds;

/** What whoever authenticates may refuse with on every route that is not open; the codes are of the people room (C500 to C599). */
export const sessionErrors: ErrorKinds = {
  'PICKET-C500': kind(401, 'the session is over', [
    'A session ends an hour after its last use, twelve hours after the logon, or at once when somebody ends it or removes the person. Nothing was changed.',
    'Log on again: picket login',
  ]),
  'PICKET-C501': kind(401, 'the API token does not hold', [
    'It ran out, was removed, its maker has left, or it never was one. Which of these is not said. Nothing was changed.',
    'Its maker lists the tokens with: picket tokens api ls',
  ]),
};

/** What a client says when there is no answer to pass on. The status is that of a gateway in the same position. */
export const clientErrors = {
  'PICKET-C450': kind(502, 'what answers is not a controller', [
    'Something answers at the address, but not in the form of this API: another service, a proxy with a page of its own, or a controller of another version.',
    'Look at the address of the context (picket context ls), and compare picket version on both sides.',
  ]),
  'PICKET-C451': kind(502, 'the controller cannot be reached', [
    'No connection was made, or it broke off before the answer was whole. In the second case it is not known from here whether the request took effect: look before you repeat it.',
    'Exit code 6 (unreachable).',
  ]),
} as const satisfies ErrorKinds;

function kind(status: number, title: string, page: readonly string[]): ErrorKind {
  return { status, title, page };
}
