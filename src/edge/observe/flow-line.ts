// Reads one line of conntrack's output into a flow. Word by word from left to right, so no text can make it run away.
// Not a judge of flows; a line that does not say enough is refused.

import { type AddressTable, hasPorts, NO_ADDRESS, NO_PORT } from '#model';
import type { FlowEvent, TcpState } from './facts.ts';

/** One direction as the kernel keys it. */
export interface FlowEnds {
  source: number;
  destination: number;
  sourcePort: number;
  destinationPort: number;
}

/** A flow with both its directions as the kernel keys them. Reused. */
export interface FlowLine {
  readonly event: FlowEvent;
  readonly sent: FlowEnds;
  readonly answered: FlowEnds;
  /** When the event was told, or -1 where the line does not say. */
  at: number;
}

const KINDS: ReadonlyMap<string, FlowEvent['kind']> = new Map([
  ['[NEW]', 'began'],
  ['[UPDATE]', 'progressed'],
  ['[DESTROY]', 'ended'],
]);

const STATES: ReadonlyMap<string, TcpState> = new Map([
  ['SYN_SENT', 'syn-sent'],
  ['SYN_SENT2', 'syn-sent'],
  ['SYN_RECV', 'syn-received'],
  ['ESTABLISHED', 'established'],
  ['FIN_WAIT', 'fin-wait'],
  ['CLOSE_WAIT', 'close-wait'],
  ['LAST_ACK', 'last-ack'],
  ['TIME_WAIT', 'time-wait'],
  ['CLOSE', 'closed'],
]);

/** Words of one line, the empty ones between two spaces counted; the longest has about sixty. */
const WORDS_MAX = 256;
const PORT_MAX = 65_535;
/** Words before the first address: family by name and number, protocol by name and number, time left, state. */
const PROTOCOL_WORD = 3;

export function newFlowLine(): FlowLine {
  return {
    event: {
      kind: 'began',
      at: 0,
      id: 0,
      protocol: 0,
      initiator: NO_ADDRESS,
      responder: NO_ADDRESS,
      initiatorPort: NO_PORT,
      responderPort: NO_PORT,
      isTranslated: false,
      mark: 0,
      tcpState: '',
      isAnswered: false,
      packetsOut: -1,
      bytesOut: -1,
      packetsBack: -1,
      bytesBack: -1,
      lastedSeconds: -1,
    },
    sent: newEnds(),
    answered: newEnds(),
    at: -1,
  };
}

function newEnds(): FlowEnds {
  return { source: NO_ADDRESS, destination: NO_ADDRESS, sourcePort: NO_PORT, destinationPort: NO_PORT };
}

export class FlowLines {
  readonly #addresses: AddressTable;
  readonly line: FlowLine = newFlowLine();
  #plainWords = 0;
  #directions = 0;
  #hasId = false;

  constructor(addresses: AddressTable) {
    this.#addresses = addresses;
  }

  /** Fills `line`; false when the text is no flow. A listing's lines have no event word and are `progressed`. */
  read(text: string): boolean {
    this.#clear();
    let from = 0;
    for (let words = 0; words < WORDS_MAX && from < text.length; words++) {
      const to = wordEnd(text, from);
      if (to > from) this.#word(text.slice(from, to));
      from = to + 1;
    }
    return this.#finish();
  }

  #clear(): void {
    const { event, sent, answered } = this.line;
    clearEnds(sent);
    clearEnds(answered);
    this.line.at = -1;
    this.#plainWords = 0;
    this.#directions = 0;
    this.#hasId = false;
    event.kind = 'progressed';
    event.id = 0;
    event.protocol = 0;
    event.mark = 0;
    event.tcpState = '';
    event.isAnswered = true;
    event.packetsOut = -1;
    event.bytesOut = -1;
    event.packetsBack = -1;
    event.bytesBack = -1;
    event.lastedSeconds = -1;
  }

  #word(word: string): void {
    const equals = word.indexOf('=');
    if (equals > 0) this.#pair(word.slice(0, equals), word.slice(equals + 1));
    else if (word.startsWith('[')) this.#bracket(word);
    else if (this.#directions === 0) this.#plain(word);
  }

  /** `[1700000000.123456]`, an event, or a property. */
  #bracket(word: string): void {
    if (word === '[UNREPLIED]') this.line.event.isAnswered = false;
    const kind = KINDS.get(word);
    if (kind !== undefined) this.line.event.kind = kind;
    else if (this.#directions === 0 && word.endsWith(']')) this.line.at = instantIn(word.slice(1, -1));
  }

  #plain(word: string): void {
    if (this.#plainWords === PROTOCOL_WORD) this.line.event.protocol = wholeIn(word, 255);
    const state = this.#plainWords > PROTOCOL_WORD ? STATES.get(word) : undefined;
    if (state !== undefined) this.line.event.tcpState = state;
    this.#plainWords++;
  }

  #pair(key: string, value: string): void {
    const { event, sent, answered } = this.line;
    const ends = this.#directions < 2 ? sent : answered;
    const isBack = this.#directions > 1;
    switch (key) {
      case 'src':
        this.#directions++;
        (this.#directions < 2 ? sent : answered).source = this.#addresses.intern(value);
        break;
      case 'dst':
        ends.destination = this.#addresses.intern(value);
        break;
      case 'sport':
        ends.sourcePort = wholeIn(value, PORT_MAX);
        break;
      case 'dport':
        ends.destinationPort = wholeIn(value, PORT_MAX);
        break;
      case 'packets':
        if (isBack) event.packetsBack = wholeIn(value, Number.MAX_SAFE_INTEGER);
        else event.packetsOut = wholeIn(value, Number.MAX_SAFE_INTEGER);
        break;
      case 'bytes':
        if (isBack) event.bytesBack = wholeIn(value, Number.MAX_SAFE_INTEGER);
        else event.bytesOut = wholeIn(value, Number.MAX_SAFE_INTEGER);
        break;
      case 'mark':
        event.mark = Math.max(wholeIn(value, 0xffff_ffff), 0);
        break;
      case 'delta-time':
        event.lastedSeconds = wholeIn(value, Number.MAX_SAFE_INTEGER);
        break;
      case 'id':
        // ICMP has an id of its own in each direction; the flow's stands behind both.
        event.id = wholeIn(value, 0xffff_ffff);
        this.#hasId = event.id >= 0;
        break;
      default:
    }
  }

  #finish(): boolean {
    const { event, sent, answered } = this.line;
    const isWhole = this.#directions === 2 && this.#hasId && event.protocol > 0 && isFilled(sent) && isFilled(answered);
    if (!isWhole) return false;
    if (hasPorts(event.protocol) && (sent.sourcePort < 0 || answered.sourcePort < 0)) return false;
    event.initiator = sent.source;
    event.initiatorPort = sent.sourcePort;
    event.responder = answered.source;
    event.responderPort = answered.sourcePort;
    event.isTranslated =
      answered.source !== sent.destination ||
      answered.destination !== sent.source ||
      answered.sourcePort !== sent.destinationPort ||
      answered.destinationPort !== sent.sourcePort;
    return true;
  }
}

/** Words end at a space or a tab. */
function wordEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x20 || code === 0x09) return at;
  }
  return text.length;
}

function clearEnds(ends: FlowEnds): void {
  ends.source = NO_ADDRESS;
  ends.destination = NO_ADDRESS;
  ends.sourcePort = NO_PORT;
  ends.destinationPort = NO_PORT;
}

function isFilled({ source, destination }: FlowEnds): boolean {
  return source !== NO_ADDRESS && destination !== NO_ADDRESS;
}

/** A whole number in decimal digits from 0 to `max`, else -1. */
function wholeIn(text: string, max: number): number {
  if (text === '' || text.length > 16) return -1;
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value <= max ? value : -1;
}

/** `1700000000.123456` in microseconds, else -1. */
function instantIn(text: string): number {
  const dot = text.indexOf('.');
  const seconds = wholeIn(text.slice(0, dot), 2 ** 33);
  const micros = dot >= 0 && text.length - dot === 7 ? wholeIn(text.slice(dot + 1), 999_999) : -1;
  return seconds < 0 || micros < 0 ? -1 : seconds * 1_000_000 + micros;
}
