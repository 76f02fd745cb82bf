// What every check is given: the report, and where each path of the document stands.

import type { Report, Where } from '../report.ts';
import { NOWHERE, type Span } from '../tree.ts';

export interface CheckContext {
  readonly report: Report;
  readonly places: ReadonlyMap<string, Span>;
}

/** The place of the first path that was written; the last path when none was. */
export function placeOf({ places }: CheckContext, ...paths: readonly string[]): Where {
  const path = paths.find((each) => places.has(each)) ?? paths.at(-1) ?? '';
  return { span: places.get(path) ?? NOWHERE, path };
}
