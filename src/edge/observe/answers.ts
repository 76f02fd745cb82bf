// The source of DNS answers that the kernel passed: the log group to which Picket's table shows them, with the questions before them.
// Not the other names, which packets tell.

import { PayloadInspector, TrafficReader } from '#capture';
import type { AddressTable, NameFact } from '#model';
import { LogGroup, type LogGroupOptions } from './log-group.ts';

export interface AnswersOptions extends LogGroupOptions {
  readonly addresses: AddressTable;
  readonly tell: (fact: NameFact) => void;
}

export function passedAnswers(options: AnswersOptions): LogGroup {
  const { addresses, tell } = options;
  return new LogGroup('answers', options, () => {
    const facts = {
      name: (fact: NameFact) => {
        if (isAnswer(fact)) tell(fact);
      },
      operation() {},
    };
    const inspector = new PayloadInspector({ addresses, isLive: true, facts });
    return new TrafficReader({ addresses, inspector, sink: { frame() {} } });
  });
}

/** Whether a fact is one that this source tells, where there is one. */
export function isAnswer({ kind }: NameFact): boolean {
  return kind === 'dns-answer';
}
