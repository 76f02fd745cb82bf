// The reference evaluator passes the suite of every decider.

import { Reference } from '../../src/core/engine/reference/index.ts';
import { conformance } from './conformance.ts';

conformance('Reference', (options) => new Reference(options));
