// A receiver of events as it is configured: where to, in which format, which kinds. Checked before the controller starts.

import type { SecurityEvent } from './event.ts';
import type { Secret } from './secret.ts';
import { fileSink } from './sinks/file.ts';
import type { Sink } from './sinks/sink.ts';
import { type SyslogTarget, syslogSink } from './sinks/syslog.ts';
import { webhookSink, webhookTrouble } from './sinks/webhook.ts';

export type EventFormat = 'ocsf' | 'ecs' | 'cef';

export type ReceiverTarget =
  | { readonly kind: 'file'; readonly path: string; readonly bytesMax?: number; readonly filesMax?: number }
  | { readonly kind: 'syslog'; readonly target: SyslogTarget }
  | {
      readonly kind: 'webhook';
      readonly url: string;
      readonly secret: Secret<string>;
      readonly ca?: string;
      /** Plain HTTP; for a receiver on the same machine. */
      readonly isPlainAllowed?: boolean;
    };

export interface EventReceiver {
  /** Names its spool and its metrics. */
  readonly name: string;
  readonly format: EventFormat;
  readonly to: ReceiverTarget;
  /** Kinds of events that it wants; null for all. */
  readonly kinds: readonly SecurityEvent['kind'][] | null;
  readonly spoolBytesMax?: number;
}

const FILE_BYTES_MAX = 64 * 1_024 * 1_024;
const FILES_MAX = 8;
/** Receivers of one controller. */
export const RECEIVERS_MAX = 16;
/** A shorter secret can be guessed. */
const SECRET_CHARACTERS_MIN = 16;
const PORT_MAX = 65_535;

/** What is wrong with configured receivers, as sentences with the receiver's name; empty where nothing is. */
export function receiverTroubles(receivers: readonly EventReceiver[]): readonly string[] {
  const troubles = receivers.flatMap((receiver) => {
    const trouble = troubleOf(receiver);
    return trouble === null ? [] : [`event receiver "${receiver.name}": ${trouble}`];
  });
  if (receivers.length > RECEIVERS_MAX)
    troubles.push(`there are ${receivers.length} event receivers, at most ${RECEIVERS_MAX} are taken`);
  if (new Set(receivers.map(({ name }) => name)).size < receivers.length)
    troubles.push('two event receivers have one name');
  return troubles;
}

function troubleOf({ name, to }: EventReceiver): string | null {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) return 'its name has to be of small letters, digits and hyphens';
  switch (to.kind) {
    case 'file':
      return to.path.startsWith('/') ? null : 'its file has to be a path from the root';
    case 'webhook':
      if (to.secret.reveal().length < SECRET_CHARACTERS_MIN)
        return `its secret is shorter than ${SECRET_CHARACTERS_MIN} characters`;
      return webhookTrouble(to.url, to.isPlainAllowed ?? false);
    case 'syslog':
      if (to.target.kind === 'unix')
        return to.target.path.startsWith('/') ? null : 'its socket has to be a path from the root';
      if (!Number.isInteger(to.target.port) || to.target.port < 1 || to.target.port > PORT_MAX)
        return `its port has to be from 1 to ${PORT_MAX}`;
      return to.target.host === '' ? 'its host is missing' : null;
  }
}

export function sinkOf(
  { to, format }: EventReceiver,
  { host, now }: { readonly host: string; readonly now: () => number },
): Sink {
  switch (to.kind) {
    case 'file':
      return fileSink({ path: to.path, bytesMax: to.bytesMax ?? FILE_BYTES_MAX, filesMax: to.filesMax ?? FILES_MAX });
    case 'syslog':
      return syslogSink({ target: to.target, host, now });
    case 'webhook':
      return webhookSink({
        url: to.url,
        secret: to.secret,
        now,
        ca: to.ca ?? null,
        form: format === 'cef' ? 'lines' : 'json',
      });
  }
}
