// Exit codes of the output contract. Not reasons: those are in the messages.

export const EXIT = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  notFound: 3,
  policyFailed: 4,
  notAllowed: 5,
  unreachable: 6,
  refused: 7,
  partlyDone: 8,
  interrupted: 130,
} as const;

export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** The code of a run of which several parts ended differently: a failure outweighs what was partly done. */
export function worstExit(exits: readonly Exit[]): Exit {
  const order: readonly Exit[] = [
    EXIT.refused,
    EXIT.failed,
    EXIT.notFound,
    EXIT.wrongUsage,
    EXIT.policyFailed,
    EXIT.partlyDone,
  ];
  return order.find((exit) => exits.includes(exit)) ?? EXIT.done;
}
