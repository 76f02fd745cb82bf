// Packet filters, many random ones. PICKET_SEED and PICKET_CASES look elsewhere and further.

import { vi } from 'vitest';
import { suiteOf } from './filters-suite.ts';

vi.setConfig({ testTimeout: 300_000 });

suiteOf(400);
