// The chains that show questions and answers of DNS behind the judging: only what the table passed reaches them, so that a name is never bound by
// an answer that nobody was let have, or that came from where its sender is not. They hold nothing. Not the reading of answers.

import { type Nft, nft } from '#nft';
import type { Chain } from './chain.ts';

/** Told at once: the client waits for its answer to be bound. The kernel else gathers for a second. */
const SHOW = nft`log prefix "picket-name" group 8 snaplen 1536 queue-threshold 1`;
// The port first: most packets go no further. Never two ports with `!=` in one rule: nft 1.0.6 makes one comparison of both.
const QUESTION = nft`th dport 53 meta l4proto { tcp, udp } ct direction original ${SHOW}`;
const ANSWER = nft`th sport 53 meta l4proto { tcp, udp } ct direction reply`;
/** INVARIANT: an answer comes in where the way to its sender leads: one that a client sends itself in another's name does not. */
const FROM_ITS_SENDER = nft`fib saddr . iif oif exists ${SHOW}`;

/** Behind every chain of the table that may deny, on the same hook. */
function chain(name: string, hook: Nft, rules: readonly Nft[]): Chain {
  return { name, hook: nft`type filter hook ${hook} priority filter + 1; policy accept;`, rules };
}

export const ANSWER_CHAINS: readonly Chain[] = [
  chain('answers_forward', nft`forward`, [QUESTION, nft`${ANSWER} ${FROM_ITS_SENDER}`]),
  chain('answers_input', nft`input`, [QUESTION, nft`${ANSWER} ${FROM_ITS_SENDER}`]),
  // What the machine sends is its own.
  chain('answers_output', nft`output`, [QUESTION, nft`${ANSWER} ${SHOW}`]),
];
