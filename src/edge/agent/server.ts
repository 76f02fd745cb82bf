// The agent's socket: HTTP with JSON over a Unix socket that only root may open. Reads requests, bounded; what they do is in handlers.ts.

import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { CallerClaim } from './api.ts';
import { bodyOf, DECODERS, isRequestName } from './decode.ts';
import { CALLER_PID_HEADER, CALLER_SSH_HEADER, type FollowName, type Handlers, type RequestName } from './requests.ts';
import { AgentError, refusalOf } from './trouble.ts';

/** A policy of 4 MiB with every byte escaped. */
const BODY_BYTES_MAX = 32 * 1_024 * 1_024;
/** Requests at once; further connections are refused. */
const CONNECTIONS_MAX = 64;
/** Time for a request to arrive: it comes from this machine. */
const ARRIVAL_MS_MAX = 30_000;
/** Rows that a follower has not read yet; who is slower is disconnected, and begins anew. */
const BACKLOG_BYTES_MAX = 4 * 1_024 * 1_024;
const SSH_CHARS_MAX = 200;

/** Tells a follower each row, as JSON; returns how to end it, or null where too many follow already. */
export type Follow = (name: FollowName, told: (row: unknown) => void) => (() => void) | null;

export interface ServerOptions {
  readonly path: string;
  readonly handlers: Handlers;
  readonly follow: Follow;
  /** Told of bugs. */
  readonly log: (line: string) => void;
}

export interface Listening {
  close(): Promise<void>;
}

/** Listens. INVARIANT: whoever calls holds the lock, so a socket that is there already is a dead agent's. */
export async function listen(options: ServerOptions): Promise<Listening> {
  const server = createServer((request, response) => {
    void answer(options, request, response);
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.requestTimeout = ARRIVAL_MS_MAX;
  server.headersTimeout = ARRIVAL_MS_MAX;
  rmSync(options.path, { force: true });
  await opened(server, options.path);
  chmodSync(options.path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        rmSync(options.path, { force: true });
      }),
  };
}

function opened(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new AgentError({
          code: 'PICKET-G033',
          message: `cannot listen at "${path}": ${error.message}`,
          help: 'the run directory must be one that root may write to, and its path shorter than 100 characters',
        }),
      ),
    );
    server.listen(path, resolve);
  });
}

async function answer(options: ServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const [, version, name = '', ...rest] = (request.url ?? '').split('/');
    if (request.method !== 'POST' || version !== 'v1' || rest.length > 1) throw unknown(request.url ?? '');
    if (rest[0] === 'follow') {
      follow(options, name, response);
      return;
    }
    if (rest.length > 0 || !isRequestName(name)) throw unknown(request.url ?? '');
    const body = bodyOf(await textOf(request));
    send(response, 200, await handled(options.handlers, name, { body, claim: claimOf(request) }));
  } catch (error) {
    refuse(options, response, error);
  }
}

function handled<Name extends RequestName>(
  handlers: Handlers,
  name: Name,
  { body, claim }: { readonly body: Parameters<(typeof DECODERS)[Name]>[0]; readonly claim: CallerClaim | null },
): ReturnType<Handlers[Name]> | Promise<unknown> {
  return handlers[name](DECODERS[name](body), claim);
}

function follow({ follow: begin }: ServerOptions, name: string, response: ServerResponse): void {
  if (!isFollowName(name)) throw unknown(name);
  const end = begin(name, (row) => {
    if (response.writableLength > BACKLOG_BYTES_MAX) response.destroy();
    else response.write(`${JSON.stringify(row)}\n`);
  });
  if (end === null)
    throw new AgentError({
      code: 'PICKET-G041',
      message: 'too many programs follow this record already',
      help: 'end one of them',
    });
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  response.flushHeaders();
  response.on('close', end);
}

function isFollowName(name: string): name is FollowName {
  return name === 'flows' || name === 'verdicts' || name === 'names' || name === 'findings';
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX)
      throw new AgentError({
        code: 'PICKET-G039',
        message: `cannot read the request: it has more than ${BODY_BYTES_MAX} bytes; nothing was changed`,
        help: 'a policy is at most 4 MiB',
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function claimOf({ headers }: IncomingMessage): CallerClaim | null {
  const pid = headers[CALLER_PID_HEADER];
  const ssh = headers[CALLER_SSH_HEADER];
  if (typeof pid !== 'string' || !/^\d{1,10}$/.test(pid)) return null;
  return { pid: Number(pid), sshConnection: typeof ssh === 'string' ? ssh.slice(0, SSH_CHARS_MAX) : null };
}

function refuse({ log }: ServerOptions, response: ServerResponse, error: unknown): void {
  const refused = error instanceof AgentError ? error : bug(error, log);
  if (response.headersSent) response.destroy();
  else send(response, error instanceof AgentError ? 422 : 500, refusalOf(refused));
}

function bug(error: unknown, log: (line: string) => void): AgentError {
  log(`bug ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return new AgentError({
    code: 'PICKET-I099',
    message: 'the agent met a bug in itself; see its log',
    help: 'please report the lines of the log',
  });
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function unknown(url: string): AgentError {
  return new AgentError({
    code: 'PICKET-G023',
    message: `the agent does not know the request "${url.slice(0, 100)}"`,
    help: 'the command and the agent are of different versions: start the agent anew with picket down and picket up',
  });
}
