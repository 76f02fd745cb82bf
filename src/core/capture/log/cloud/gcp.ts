// Reads Google Cloud's VPC flow logs, and its firewall rule logs beside them: log entries as JSON, in a row or in one array.
// A record is one direction of a conversation as one end or gateway saw it; its bytes are the log's own, sampled ones are not scaled up.

import { newObservation } from '#model';
import { jsonHead } from '../head.ts';
import { objectOf, parseObject, propertyOf, textAt } from '../json.ts';
import type { LogOptions, LogReader } from '../reader.ts';
import { type LogEnding, LogTally, TELLS_NOTHING } from '../tally.ts';
import { fillTuple } from '../tuple.ts';
import { countOf, instantOfText } from '../values.ts';
import { initiatorByPorts } from './flow.ts';
import { ObjectLog } from './object-log.ts';
import { FlowsOnce, sideOf } from './once.ts';

const TELLS = Object.freeze({ ...TELLS_NOTHING, flows: true, ipBytes: true });

class GcpEntries {
  readonly #options: LogOptions;
  readonly #tally: LogTally;
  readonly #once: FlowsOnce;
  readonly #observation = newObservation();
  #hasEntries = false;

  constructor(options: LogOptions, tally: LogTally) {
    this.#options = options;
    this.#tally = tally;
    this.#once = new FlowsOnce(options.sink, tally);
  }

  object(text: string): void {
    this.#hasEntries = true;
    const entry = parseObject(text);
    if (entry === null) {
      this.#tally.reject('the entry is no JSON object');
      return;
    }
    const body = objectOf(propertyOf(entry, 'jsonPayload')) ?? objectOf(propertyOf(entry, 'json_payload')) ?? entry;
    const connection = propertyOf(body, 'connection');
    if (objectOf(connection) === null) this.#tally.skip('a log entry without a connection');
    else {
      const reason = this.#read(entry, body, connection);
      if (reason !== null) this.#tally.reject(reason);
    }
  }

  ending(): LogEnding {
    this.#once.flush();
    return { format: this.#hasEntries ? 'gcp-flow-log' : '', tells: TELLS };
  }

  #read(entry: object, body: object, connection: unknown): string | null {
    const observation = this.#observation;
    const reason = fillTuple(
      observation,
      {
        source: textAt(connection, 'src_ip'),
        destination: textAt(connection, 'dest_ip'),
        protocol: textAt(connection, 'protocol'),
        sourcePort: textAt(connection, 'src_port'),
        destinationPort: textAt(connection, 'dest_port'),
      },
      this.#options,
    );
    if (reason !== null) return reason;
    const at = instantOfText(textAt(body, 'start_time') || textAt(entry, 'timestamp'));
    if (at === null) return 'the entry has neither start_time nor timestamp';
    const disposition = textAt(body, 'disposition');
    const bytes = countOf(textAt(body, 'bytes_sent'));
    if (bytes === null && disposition === '') return 'the entry has no bytes_sent';
    const { source, destination, sourcePort, destinationPort, protocol } = observation;
    this.#once.add({
      ...{ source, destination, sourcePort, destinationPort, protocol, at },
      line: this.#tally.line,
      ends: instantOfText(textAt(body, 'end_time')) ?? at,
      // A firewall's entry is of the first packet.
      packets: countOf(textAt(body, 'packets_sent')) ?? 1,
      bytes: bytes ?? 0,
      back: null,
      side: sideOf(textAt(body, 'reporter')),
      isRefused: disposition === 'DENIED',
      initiator: disposition === '' ? initiatorByPorts(sourcePort, destinationPort) : 1,
    });
    return null;
  }
}

export function openGcp(options: LogOptions): LogReader {
  const tally = new LogTally('entry');
  return new ObjectLog(tally, new GcpEntries(options, tally), 'entries');
}

/** Whether a file that begins with these bytes is made of such entries. */
export function isGcp(head: Uint8Array): boolean {
  const text = jsonHead(head);
  return /"connection"\s*:\s*\{/.test(text) && text.includes('"src_ip"') && text.includes('"dest_ip"');
}
