// The report's inner door: collect while judging, then render one page.

export { ReportCollector } from './collect.ts';
export type { DeniedRow, ReportData } from './data.ts';
export { type ReportHead, renderReport } from './render.ts';
