// What a command takes from the traffic; what it leaves out is not worked out. Not a reader: traffic.ts calls these.

import type { Frame, LogRecord, OperationFact } from '#capture';
import type { NameFact, Observation } from '#model';

/** Where a fact stands in its input: the packet's number, or the line of a log. */
interface FactPlace {
  readonly index: number;
}

/** Objects are reused: copy what must outlive the call. */
export interface Taker {
  /** Every frame of a capture, those without IP included. */
  frame?(frame: Frame): void;
  /** Each IP header inside the tunnels of a frame, from the outside in, after the frame. */
  tunnel?(inside: Frame, outer: Frame): void;
  /** Every record of a log, as one or two observations; one of no packets and no bytes tells an operation only. */
  record?(observation: Observation, record: LogRecord): void;
  name?(fact: NameFact, place: FactPlace): void;
  operation?(fact: OperationFact, place: FactPlace): void;
}
