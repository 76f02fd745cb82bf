// Speaks to a running agent over its socket: one request, one answer; or a record followed line by line. Not the agent.

import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import type { CallerClaim, Refusal } from './api.ts';
import { sshConnectionOf } from './caller.ts';
import {
  CALLER_PID_HEADER,
  CALLER_SSH_HEADER,
  type FollowName,
  type Follows,
  type RequestName,
  type Requests,
} from './requests.ts';
import { AgentError, type AgentErrorParts } from './trouble.ts';

export interface ClientOptions {
  /** Path of the agent's socket. */
  readonly socket: string;
  readonly caller: CallerClaim;
}

export interface AgentClient {
  /** Rejects with an `AgentError` where the agent is not there or refuses. */
  ask<Name extends RequestName>(name: Name, takes: Requests[Name]['takes']): Promise<Requests[Name]['answers']>;
  /** Rows from now on, until the signal or the agent ends it. */
  follow<Name extends FollowName>(name: Name, signal: AbortSignal): AsyncIterable<Follows[Name]>;
}

/** Longest answer that is read: a policy of 4 MiB and records beside it. */
const ANSWER_BYTES_MAX = 64 * 1_024 * 1_024;
/** A change of the largest table takes seconds; after this the agent counts as hung. */
const ANSWER_MS_MAX = 180_000;

export function agentClient({ socket, caller }: ClientOptions): AgentClient {
  const sshConnection = caller.sshConnection ?? sshConnectionOf(caller.pid);
  const open = (path: string, body: string, signal?: AbortSignal): ClientRequest => {
    const sent = request({
      socketPath: socket,
      method: 'POST',
      path,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        [CALLER_PID_HEADER]: caller.pid,
        ...(sshConnection === null ? {} : { [CALLER_SSH_HEADER]: sshConnection }),
      },
      ...(signal === undefined ? {} : { signal }),
    });
    sent.end(body);
    return sent;
  };
  return {
    ask: async (name, takes) => {
      const sent = open(`/v1/${name}`, JSON.stringify(takes));
      sent.setTimeout(ANSWER_MS_MAX, () => sent.destroy(new Error('no answer in time')));
      const response = await answerTo(sent, socket);
      const text = await wholeText(response, socket);
      if (response.statusCode !== 200) throw refusalOf(text);
      return JSON.parse(text);
    },
    follow: (name, signal) => lines(open(`/v1/${name}/follow`, '{}', signal), socket, signal),
  };
}

function answerTo(sent: ClientRequest, socket: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.on('response', resolve);
    sent.on('error', (error) => reject(new AgentError(connectTrouble(error, socket))));
  });
}

async function wholeText(response: IncomingMessage, socket: string): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response) {
      length += chunk.length;
      if (length > ANSWER_BYTES_MAX) throw new Error('the answer is too long');
      chunks.push(chunk);
    }
  } catch (error) {
    throw new AgentError(connectTrouble(error, socket));
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function* lines<Row>(sent: ClientRequest, socket: string, signal: AbortSignal): AsyncIterable<Row> {
  try {
    const response = await answerTo(sent, socket);
    if (response.statusCode !== 200) throw refusalOf(await wholeText(response, socket));
    for await (const line of createInterface({ input: response })) if (line !== '') yield JSON.parse(line);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    sent.destroy();
  }
}

function refusalOf(text: string): AgentError {
  const refusal = parseRefusal(text);
  return new AgentError(
    refusal ?? { code: 'PICKET-G023', message: 'the agent answered something that this program cannot read' },
  );
}

function parseRefusal(text: string): Refusal | null {
  try {
    const value: Refusal = JSON.parse(text);
    return value.schema === 'picket.error/v1' ? value : null;
  } catch {
    return null;
  }
}

function connectTrouble(error: unknown, socket: string): AgentErrorParts {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOENT' || code === 'ECONNREFUSED')
    return {
      code: 'PICKET-G020',
      message: `no agent listens at "${socket}"`,
      help: 'start it with: picket up',
    };
  if (code === 'EACCES' || code === 'EPERM')
    return {
      code: 'PICKET-G021',
      message: `you may not speak to the agent at "${socket}"`,
      help: 'only root may: run it with sudo',
    };
  const why = error instanceof Error ? error.message : 'the connection broke';
  return { code: 'PICKET-G022', message: `lost the agent at "${socket}": ${why}`, help: 'see: picket status' };
}
