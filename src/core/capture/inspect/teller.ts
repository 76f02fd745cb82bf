// What a packet says, told: names and operations to the sink, operations to the frame. Each text and array is made once.
// Not a reader: decoders find, this tells.

import { type AddressId, type AddressTable, type NameFact, NO_ADDRESS } from '#model';
import type { Frame } from '../frame.ts';
import { type Decoder, type FoundName, newFound } from './decoder.ts';
import { NO_OPERATIONS, OperationWords } from './operations.ts';
import { Questions } from './questions.ts';

/** One operation seen. The object is reused: copy what must outlive the call. */
export interface OperationFact {
  protocol: string;
  source: AddressId;
  destination: AddressId;
  /** Destination port of the packet. */
  port: number;
  /** Text without the protocol, for instance `1/3`. */
  operation: string;
}

/** Where facts go. The frame is the one that completed the fact; it is reused like the fact. */
export interface FactSink {
  name(fact: NameFact, frame: Frame): void;
  operation(fact: OperationFact, frame: Frame): void;
}

export class Teller {
  readonly #addresses: AddressTable;
  readonly #facts: FactSink;
  readonly found = newFound();
  readonly #words = new OperationWords(this.found.words);
  readonly #questions: Questions;
  readonly #fact: OperationFact = { protocol: '', source: -1, destination: -1, port: -1, operation: '' };
  /** Bytes sent before are decoded for the packet's operations but make no facts: they were counted. */
  isRepeated = false;

  constructor({ addresses, facts, isLive }: { addresses: AddressTable; facts: FactSink; isLive?: boolean }) {
    this.#addresses = addresses;
    this.#facts = facts;
    this.#questions = new Questions(isLive);
  }

  begin(frame: Frame): void {
    frame.operations = NO_OPERATIONS;
    this.#questions.begin(frame.at);
  }

  /** Tells what was found, and empties it. Gives the operations of this one message. */
  tell(frame: Frame, decoder: Decoder): readonly string[] {
    const { found } = this;
    const { names, operations } = found;
    if (names.length > 0) {
      if (!this.isRepeated) for (const name of names) this.#sendName(name, frame);
      names.length = 0;
    }
    let told = NO_OPERATIONS;
    for (const code of operations) told = joined(told, this.#sendOperation(decoder, code, frame));
    operations.length = 0;
    if (found.isUnreadable && decoder.mayAsk !== undefined) told = joined(told, this.#words.unreadable(decoder));
    found.isUnreadable = false;
    this.carry(frame, told);
    return told;
  }

  /** Empties what a decoder found before it saw that the bytes are not its own. */
  forget(): void {
    this.found.names.length = 0;
    this.found.operations.length = 0;
    this.found.isUnreadable = false;
  }

  /** The packet carries something that could not be read. */
  unreadable(frame: Frame, decoder: Decoder): void {
    this.carry(frame, this.#words.unreadable(decoder));
  }

  /** The packet carries these operations as well; each is named once. */
  carry(frame: Frame, operations: readonly string[]): void {
    frame.operations = joined(frame.operations, operations);
  }

  #sendName(found: FoundName, frame: Frame): void {
    const { isFromServer } = found;
    const address = this.#boundAddress(found, frame);
    if (found.kind === 'dns-query')
      this.#questions.add(frame, { transaction: this.found.transaction, name: found.name });
    this.#facts.name(
      {
        kind: found.kind,
        at: frame.at,
        client: isFromServer ? frame.destination : frame.source,
        server: isFromServer ? frame.source : frame.destination,
        clientMac: isFromServer ? frame.destinationMac : frame.sourceMac,
        port: isFromServer ? frame.sourcePort : frame.destinationPort,
        clientPort: isFromServer ? frame.destinationPort : frame.sourcePort,
        name: found.name,
        value: found.value,
        address,
        ttlSeconds: address === NO_ADDRESS ? 0 : found.ttlSeconds,
      },
      frame,
    );
  }

  /** The address that the asked name may be bound to. */
  #boundAddress({ address, name }: FoundName, frame: Frame): AddressId {
    if (address === null || !this.#questions.mayAnswer(frame, { transaction: this.found.transaction, name }))
      return NO_ADDRESS;
    return this.#addresses.intern6(address, 0);
  }

  #sendOperation(decoder: Decoder, code: number, frame: Frame): readonly string[] {
    const operation = this.#words.of(decoder, code);
    if (!this.isRepeated) {
      const fact = this.#fact;
      fact.protocol = operation.protocol;
      fact.source = frame.source;
      fact.destination = frame.destination;
      fact.port = frame.destinationPort;
      fact.operation = operation.text;
      this.#facts.operation(fact, frame);
    }
    return operation.only;
  }
}

/** Both lists, each operation once; no new array where one holds the other. */
function joined(one: readonly string[], other: readonly string[]): readonly string[] {
  if (one.length === 0 || one === other) return other.length === 0 ? one : other;
  const more = other.filter((operation) => !one.includes(operation));
  return more.length === 0 ? one : [...one, ...more];
}
