// Packet filters, a few random ones; many more in filters.slow.test.ts.

import { suiteOf } from './filters-suite.ts';

suiteOf(25);
