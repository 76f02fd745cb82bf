// DNS exchanges of logs as name facts: the question, each address given for it, each canonical name on the way. Formats find the fields.
// Not a check of the chain: logs say in what order answers came, but few say which name each belongs to.

import { type AddressTable, isGroupAddress, NO_ADDRESS } from '#model';
import { type NameEnds, tellName, wireName } from './facts.ts';
import type { LogSink } from './reader.ts';

const TYPE_A = 1;
const TYPE_CNAME = 5;
const TYPE_AAAA = 28;
const TYPE_ANY = 255;
/** RFC 1035. Escaped bytes are four characters each in some logs, but no name of use is made of those. */
const NAME_LENGTH_MAX = 255;
/** Answers looked at of one exchange; honest ones have a few dozen. */
export const ANSWERS_MAX = 1_024;

export interface DnsAnswer {
  /** An address, or a canonical name. */
  readonly text: string;
  readonly ttlSeconds: number;
}

interface DnsExchange {
  readonly name: string;
  /** Number of the asked type, -1 where the log does not say. */
  readonly type: number;
  /** When the answers came. */
  readonly answeredAt: number;
  readonly answers: readonly DnsAnswer[];
  /** The exchange was answered without an error. */
  readonly isAnswered: boolean;
}

/** What `tellDns` hands facts on with. */
interface DnsTelling {
  readonly sink: LogSink;
  readonly addresses: AddressTable;
  /** The client's question and the resolver. */
  readonly ends: NameEnds;
}

/** Hands on the question; false when its name is none. */
export function tellQuestion({ sink, ends }: DnsTelling, name: string, type: number): boolean {
  return isName(name) && tellName(sink, ends, { kind: 'dns-query', name, value: type < 0 ? '' : String(type) });
}

/** Hands on the answers of one exchange. */
export function tellAnswers(telling: DnsTelling, exchange: DnsExchange): void {
  if (!exchange.isAnswered || !isName(exchange.name)) return;
  for (const answer of exchange.answers.slice(0, ANSWERS_MAX)) tellAnswer(telling, exchange, answer);
}

function tellAnswer({ sink, addresses, ends }: DnsTelling, exchange: DnsExchange, answer: DnsAnswer): void {
  const { name, type, answeredAt } = exchange;
  const at = { ...ends, at: answeredAt };
  const address = addresses.intern(answer.text);
  if (address === NO_ADDRESS) {
    const isChain = type === TYPE_A || type === TYPE_AAAA || type === TYPE_CNAME || type === -1;
    if (isChain && isHostName(answer.text))
      tellName(sink, at, { kind: 'dns-cname', name, value: wireName(answer.text) });
    return;
  }
  const isOfType = type === TYPE_ANY || type === -1 || type === (addresses.version(address) === 4 ? TYPE_A : TYPE_AAAA);
  if (!isOfType) return;
  // Who answers a question to a group cannot be told from its record: such an answer binds nothing.
  const isBound = !isGroupAddress(addresses.bytes(ends.server));
  sink.name({
    ...at,
    kind: 'dns-answer',
    name: wireName(name),
    value: addresses.text(address),
    address: isBound ? address : -1,
    ttlSeconds: isBound ? answer.ttlSeconds : 0,
  });
}

function isName(name: string): boolean {
  return name !== '' && name !== '.' && name.length <= NAME_LENGTH_MAX;
}

/** Canonical names have no spaces; texts of other record types that logs print in the same list do. */
function isHostName(text: string): boolean {
  return text.length <= NAME_LENGTH_MAX && /^[\w-]+(\.[\w-]+)+\.?$/.test(text);
}
