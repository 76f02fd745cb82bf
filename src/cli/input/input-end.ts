// How inputs ended: complete or broken, what was left out, what they can tell at all; and the words and codes for it.

import { type CaptureEnd, joinedTells, type LogEnd, type LogSkipped, type LogTells, TELLS_NOTHING } from '#capture';
import type { Desk } from '../context.ts';
import { EXIT, type Exit } from '../exits.ts';
import { Failure, nameOf } from '../failure.ts';
import { counted } from '../output/text.ts';
import type { Source } from './source.ts';

/** How one input ended. */
export interface InputEnd {
  readonly file: string;
  readonly format: string;
  readonly isComplete: boolean;
  /** Where and how it broke, null for a whole input. */
  readonly damage: string | null;
  /** Packets of a capture (non-IP included) or records of a log. */
  readonly count: number;
  /** Lines of a log that were left out on purpose; packets of a capture on links that are not read. */
  readonly skipped: readonly LogSkipped[];
  readonly unit: 'line' | 'packet';
  /** What must be known to read the counts of a log right. */
  readonly notes: readonly string[];
  readonly tells: LogTells;
}

/** Packets show everything, as far as they are captured. */
const TELLS_ALL: LogTells = {
  flows: true,
  sizes: true,
  names: true,
  operations: true,
  initiators: true,
  ipBytes: true,
};

/** A fault of the gzip layer comes first: what lies inside it broke only because of it. */
export function inputEnd(source: Source, end: CaptureEnd | LogEnd): InputEnd {
  const damage = source.gzipFault?.message ?? (end.kind === 'whole' ? null : end.message);
  const isCapture = 'packets' in end;
  return {
    file: source.path,
    format: end.format,
    isComplete: damage === null,
    damage,
    count: isCapture ? end.packets : end.records,
    skipped: end.skipped,
    unit: isCapture ? 'packet' : 'line',
    notes: isCapture ? [] : end.notes,
    tells: isCapture ? TELLS_ALL : end.tells,
  };
}

/** Exit code of a run over these inputs. */
export function exitOfEnds(ends: readonly InputEnd[]): Exit {
  return ends.every(({ isComplete }) => isComplete) ? EXIT.done : EXIT.partlyDone;
}

/** What every JSON output says of its inputs. */
export function inputsJson(ends: readonly InputEnd[]): object {
  const broken = ends.filter(({ isComplete }) => !isComplete);
  return {
    complete: broken.length === 0,
    ...(broken.length === 0 ? {} : { damage: broken.map(({ file, damage }) => ({ file, reason: damage })) }),
    inputs: ends.map(({ file, format, isComplete, count, skipped, notes }) => ({
      file,
      format,
      complete: isComplete,
      count,
      ...(skipped.length === 0 ? {} : { skipped }),
      ...(notes.length === 0 ? {} : { notes }),
    })),
  };
}

/** Says on stderr what is damaged, what was left out and what the counts mean. */
export function sayEnds(desk: Desk, ends: readonly InputEnd[]): void {
  for (const end of ends) if (end.damage !== null) desk.say(damageText(end));
  for (const text of skippedTexts(ends)) desk.say(text);
  for (const { file, notes } of ends) for (const note of notes) desk.say(`note: ${nameOf(file)}: ${note}`);
}

function damageText({ file, damage, count }: InputEnd): string {
  return `warning[PICKET-I006]: ${nameOf(file)}: ${damage}; ${count} packets or records before it are in the output`;
}

/** One line a reason: a folder of rotated logs has the same ones in every file. */
function skippedTexts(ends: readonly InputEnd[]): readonly string[] {
  const byReason = new Map<string, { lines: number; readonly unit: string; readonly files: string[] }>();
  for (const { file, skipped, unit } of ends)
    for (const { reason, count } of skipped) {
      const known = byReason.get(reason) ?? { lines: 0, unit, files: [] };
      known.lines += count;
      known.files.push(file);
      byReason.set(reason, known);
    }
  return [...byReason].map(([reason, { lines, unit, files }]) => {
    const where = files.length === 1 ? nameOf(files[0] ?? '') : counted(files.length, 'input');
    return `note: ${counted(lines, unit)} of ${where} left out: ${reason}`;
  });
}

/** Throws the failure for inputs that were all understood and all tell nothing. */
export function checkTelling(ends: readonly InputEnd[]): void {
  const [first] = ends;
  if (first === undefined || !ends.every((end) => tellsNothing(end))) return;
  const reason = first.skipped[0]?.reason ?? 'it tells nothing';
  throw new Failure({
    code: 'PICKET-I007',
    exit: EXIT.wrongUsage,
    message: `cannot use ${ends.length === 1 ? nameOf(first.file) : `any of the ${ends.length} inputs`}: ${reason}`,
    help: 'name the logs that tell flows or names as well, for instance the conn and dns logs beside it, or their folder',
  });
}

function tellsNothing({ isComplete, tells, skipped }: InputEnd): boolean {
  return isComplete && skipped.length > 0 && !tells.flows && !tells.names && !tells.operations;
}

/** What all inputs together can tell. */
export function tellsOf(ends: readonly InputEnd[]): LogTells {
  return ends.map(({ tells }) => tells).reduce(joinedTells, TELLS_NOTHING);
}

/** What no input can tell, as a sentence about a policy learned from them; null where they tell everything. */
export function untoldText(ends: readonly InputEnd[]): string | null {
  const tells = tellsOf(ends);
  const untold = [
    ...(tells.sizes ? [] : ['no packet sizes']),
    ...(tells.names ? [] : ['no names']),
    ...(tells.operations ? [] : ['no operations']),
    ...(tells.initiators ? [] : ['not who began']),
    ...(tells.ipBytes ? [] : ['no IP lengths (its volumes count frames)']),
  ];
  if (untold.length === 0) return null;
  return `the input tells ${untold.join(', ')}; no rule rests on that`;
}
