// Events by HTTP POST to one configured address, signed with HMAC. Follows nothing and goes nowhere else, whatever the answer says.

import { createHmac } from 'node:crypto';
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Secret } from '../secret.ts';
import { type Sink, SinkError } from './sink.ts';

export interface WebhookSinkOptions {
  /** The only address that is ever asked. */
  readonly url: string;
  readonly secret: Secret<string>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Certificates (PEM) of the receiver's authority; null for those of the system. */
  readonly ca: string | null;
  /** `application/json` arrays, or lines of a text format. */
  readonly form: 'json' | 'lines';
}

/** Bytes of an answer that are read; what it says beyond is of no interest. */
const ANSWER_BYTES_MAX = 64 * 1_024;

/** Refused for good: the request itself is wrong for this receiver. Those of time, load and logon may get better. */
const RETRIED_STATUSES: ReadonlySet<number> = new Set([401, 403, 404, 408, 409, 421, 423, 425, 429]);

export function webhookSink(options: WebhookSinkOptions): Sink {
  return {
    async send(events, signal) {
      const texts = events.map(({ text }) => text);
      const body = Buffer.from(
        options.form === 'json' ? `[${texts.join(',')}]` : texts.map((text) => `${text}\n`).join(''),
      );
      const { status } = await post(options, body, signal);
      if (status >= 200 && status < 300) return;
      if (status >= 300 && status < 400)
        throw new SinkError(`it answered ${status} and wants to send elsewhere, which is not followed`);
      throw new SinkError(`it answered ${status}`, { isFinal: status < 500 && !RETRIED_STATUSES.has(status) });
    },
    close: async () => {},
  };
}

/** What a receiver computes as well: HMAC-SHA-256 of the time, a point, and the body. The time keeps an old request from being sent again. */
export function signatureOf(secret: Secret<string>, seconds: number, body: Uint8Array): string {
  return `v1=${createHmac('sha256', secret.reveal()).update(`${seconds}.`).update(body).digest('hex')}`;
}

function post(options: WebhookSinkOptions, body: Buffer, signal: AbortSignal): Promise<{ readonly status: number }> {
  const url = new URL(options.url);
  const seconds = Math.floor(options.now() / 1_000);
  const settings: RequestOptions & { readonly ca?: string } = {
    method: 'POST',
    signal,
    agent: false,
    headers: {
      'content-type': options.form === 'json' ? 'application/json' : 'text/plain; charset=utf-8',
      'content-length': body.length,
      'user-agent': 'picket',
      'x-picket-time': String(seconds),
      'x-picket-signature': signatureOf(options.secret, seconds, body),
    },
    ...(options.ca === null ? {} : { ca: options.ca }),
  };
  return new Promise((resolve, reject) => {
    const take = (answer: IncomingMessage): void => {
      let bytes = 0;
      answer.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes > ANSWER_BYTES_MAX) answer.destroy();
      });
      answer.on('error', () => {});
      answer.once('close', () => resolve({ status: answer.statusCode ?? 0 }));
    };
    const asking = url.protocol === 'https:' ? requestHttps(url, settings, take) : requestHttp(url, settings, take);
    asking.once('error', reject);
    asking.end(body);
  });
}

/** Why an address cannot be a webhook's, or null. Asked when the configuration is read. */
export function webhookTrouble(url: string, isPlainAllowed: boolean): string | null {
  if (!URL.canParse(url)) return 'it is no URL';
  const { protocol, username, password, hash } = new URL(url);
  if (protocol !== 'https:' && !(protocol === 'http:' && isPlainAllowed)) return 'it must begin with https://';
  if (username !== '' || password !== '') return 'it holds a user or password; give the secret in a file instead';
  return hash === '' ? null : 'it has a part after #, which is never sent';
}
