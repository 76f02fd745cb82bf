// Door of the bridge room: layer 2 under the gateway. Ports that are kept apart, so that what passes between two devices of one subnet passes
// the forward hook; and senders at each port that are who they say.
// In: which ports there are and who is behind them; devices that were seen. Out: a note of what was changed, violations, problems.
// Never: a policy between elements; a table of anyone else's; a change that is not noted before and put back by `release`.

export { Bridge, BridgeError, type BridgeOptions, type BridgeTrouble } from './bridge.ts';
export { differenceText, installText } from './commands.ts';
export { type OwnEnds, type PortContent, portContent } from './content.ts';
export {
  type Binding,
  type BridgeLayout,
  type BridgePort,
  checkLayout,
  type LayoutCheck,
  type LayoutProblem,
} from './layout.ts';
export type { Learned, NotLearned, PortFact } from './learn.ts';
export { type BridgeNote, readNote } from './note.ts';
export { PORT_REASONS, type PortReason, SPOOFING_MARK } from './sets.ts';
export { reasonOf, type Violation } from './violations.ts';
