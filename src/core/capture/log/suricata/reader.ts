// Reads Suricata's EVE log (JSON lines): flow or netflow events become flows, dns, tls, quic, http, mqtt, modbus, dnp3 and dhcp events names and operations.
// Other events are counted. Bytes of its flows count whole frames.

import { newObservation } from '#model';
import { firstLine } from '../head.ts';
import { parseObject, propertyOf, textAt } from '../json.ts';
import { LineLog } from '../line-log.ts';
import type { LogOptions, LogReader, LogTells } from '../reader.ts';
import { joinedTells, LogTally, TELLS_NOTHING } from '../tally.ts';
import { fillTuple } from '../tuple.ts';
import { instantOfText, shown } from '../values.ts';
import type { EveKind } from './event.ts';
import { EVENT_KINDS } from './events.ts';

/** The two event types that count traffic; a log that has both counts it twice. */
const METERS: readonly string[] = ['flow', 'netflow'];

class EveEvents {
  readonly #options: LogOptions;
  readonly #tally: LogTally;
  readonly #observation = newObservation();
  #tells: LogTells = TELLS_NOTHING;
  #meter = '';
  #hasLines = false;

  constructor(options: LogOptions, tally: LogTally) {
    this.#options = options;
    this.#tally = tally;
  }

  line(text: string): void {
    this.#hasLines = true;
    const event = parseObject(text);
    if (event === null) {
      this.#tally.reject('the line is no JSON object');
      return;
    }
    const type = textAt(event, 'event_type');
    const kind = EVENT_KINDS.get(type);
    if (kind === undefined) this.#tally.skip(`a Suricata ${wordOf(type)} event tells no flows, names or operations`);
    else if (this.#isOfOtherMeter(type)) this.#tally.skip(`a Suricata ${type} event beside ${this.#meter} events`);
    else this.#read(event, type, kind);
  }

  ending(): { readonly format: string; readonly tells: LogTells } {
    return { format: this.#hasLines ? 'suricata-eve' : '', tells: this.#tells };
  }

  /** The first meter met is the one that counts. */
  #isOfOtherMeter(type: string): boolean {
    if (!METERS.includes(type)) return false;
    if (this.#meter === '') this.#meter = type;
    return this.#meter !== type;
  }

  #read(event: object, type: string, kind: EveKind): void {
    const observation = this.#observation;
    const { addresses, sink } = this.#options;
    const protocol = textAt(event, 'proto');
    if (protocol === '' && METERS.includes(type)) {
      this.#tally.skip('a Suricata flow without IP');
      return;
    }
    const at = instantOfText(textAt(event, 'timestamp'));
    const reason =
      at === null
        ? `timestamp is "${shown(textAt(event, 'timestamp'))}", which is no time`
        : fillTuple(
            observation,
            {
              source: textAt(event, 'src_ip'),
              destination: textAt(event, 'dest_ip'),
              protocol,
              sourcePort: textAt(event, 'src_port'),
              destinationPort: textAt(event, 'dest_port'),
            },
            this.#options,
          );
    if (reason !== null) {
      this.#tally.reject(reason);
      return;
    }
    observation.at = at ?? 0;
    observation.initiator = 1;
    const told = kind.read({
      body: propertyOf(event, type),
      event,
      addresses,
      observation,
      sink,
      begin: (ends) => this.#begin(event, ends),
      skip: (why) => this.#tally.skip(why),
    });
    if (told === null) this.#tells = joinedTells(this.#tells, kind.tells);
    else this.#tally.reject(told);
  }

  #begin(event: object, ends: number): void {
    this.#tally.begin(this.#options.sink, {
      uid: textAt(event, 'flow_id'),
      ends: Math.max(ends, this.#observation.at),
    });
  }
}

/** Types come from the log: a short plain word, or none at all. */
function wordOf(type: string): string {
  return /^[a-z0-9_]{1,32}$/.test(type) ? type : 'unknown';
}

export function openEve(options: LogOptions): LogReader {
  const tally = new LogTally();
  return new LineLog(tally, new EveEvents(options, tally));
}

/** Whether a file that begins with these bytes is an EVE log. */
export function isEve(head: Uint8Array): boolean {
  const first = firstLine(head);
  if (!first.startsWith('{') || !first.includes('"event_type"')) return false;
  const event = parseObject(first);
  return event !== null && textAt(event, 'event_type') !== '' && textAt(event, 'timestamp') !== '';
}
