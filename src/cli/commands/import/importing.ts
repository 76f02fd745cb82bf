// What every import of a foreign policy has in common: reading, checking the policy that came out, writing it, telling what is missing.

import { type Imported, isRefusal, type Source } from '#exchange';
import { type Prefix, type Problem, parsePrefix, type Selector } from '#model';
import { frameProblem, frameProblems, parsePolicy, printPolicy } from '#policy';
import type { Desk } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { Failure, nameOf, wrongUsage } from '../../failure.ts';
import { readText } from '../../input/source.ts';
import { counted, safeText, shellWord } from '../../output/text.ts';
import { checkOutputs, writeOut } from '../../write.ts';
import { JSON_FLAG, OUTPUT_FLAG, word } from '../parameters.ts';

export interface ImportFlags {
  readonly output?: string;
  readonly json?: boolean;
}

export const IMPORT_FLAGS = { output: OUTPUT_FLAG, json: JSON_FLAG } as const;

export const OPEN_FLAG = {
  kind: 'boolean',
  optional: true,
  withNegated: false,
  brief: 'Also permit what the text leaves open, as the other system does',
} as const;

export const FOREIGN_FILES = {
  kind: 'array',
  minimum: 1,
  parameter: { parse: word, brief: 'file to import; "-" is standard input', placeholder: 'FILE' },
} as const;

/** Reads the files, imports them, and gives the policy to stdout or a file. Nothing is written unless the policy is whole. */
export async function runImport(
  desk: Desk,
  flags: ImportFlags,
  { paths, read }: { paths: readonly string[]; read: (sources: readonly Source[]) => Imported | Problem },
): Promise<Exit> {
  const output = flags.output ?? '-';
  if (flags.json === true && flags.output === '-')
    throw wrongUsage('--json prints to stdout; give the policy a file with -o');
  await checkOutputs(desk.io, [output], paths);
  const sources: Source[] = [];
  for (const path of paths) sources.push({ file: path, text: await textOf(desk, path) });
  const imported = read(sources);
  if (isRefusal(imported)) return refuse(desk, imported, sources);
  const text = printPolicy(imported.policy, imported.comments);
  const { policy, problems } = parsePolicy(text, nameOf(output, 'write'));
  if (policy === null) {
    desk.say(frameProblems(problems, text));
    throw new Failure({
      code: 'PICKET-I099',
      exit: EXIT.failed,
      message: 'the imported policy has errors, so nothing was written; please report this with the file',
    });
  }
  if (flags.json !== true || output !== '-') await writeOut(desk, output, text);
  if (flags.json === true) desk.paper.line(JSON.stringify(answerOf(imported, text)));
  tell(desk, imported, output);
  return EXIT.done;
}

async function textOf(desk: Desk, path: string): Promise<string> {
  const text = await readText(desk.io, path);
  if (text.trim() !== '') return text;
  throw new Failure({
    code: 'PICKET-I004',
    exit: EXIT.failed,
    message: `cannot import ${nameOf(path)}: it is empty, so nothing was written`,
    help: 'the command that was to print it most likely failed',
  });
}

function refuse(desk: Desk, problem: Problem, sources: readonly Source[]): Exit {
  const source = sources.find(({ file }) => file === problem.place?.file)?.text ?? '';
  desk.say(`${frameProblem(problem, source)}\nNothing was written. Run "picket explain ${problem.code}" to read more.`);
  return EXIT.failed;
}

function answerOf({ notCarried, questions }: Imported, policy: string): object {
  return { schema: 'picket.import/v1', policy, notCarried, questions };
}

/** Lines of one list on stderr; the file and the JSON have more. */
const TOLD_MAX = 100;

function tell(desk: Desk, { policy, notCarried, questions }: Imported, output: string): void {
  const sizes = [
    counted(policy.elements.length, 'element'),
    counted(policy.rules.length, 'rule'),
    counted(policy.never.length, 'guardrail'),
  ];
  desk.say(`imported ${sizes.join(', ')}; the mode is observe, so nothing is enforced`);
  if (notCarried.length > 0) desk.say(`\nnot carried over (${notCarried.length}):`);
  for (const { place, what, why } of notCarried.slice(0, TOLD_MAX))
    desk.say(`  ${safeText(place)}: ${safeText(what)}\n    ${why}`);
  if (notCarried.length > TOLD_MAX) desk.say(`  and ${notCarried.length - TOLD_MAX} more; --json has them all`);
  if (questions.length > 0) desk.say(`\nquestions (${questions.length}):`);
  for (const question of questions.slice(0, TOLD_MAX)) desk.say(`  ${safeText(question)}`);
  if (output !== '-') desk.say(`\nwrote ${safeText(output)}. Next: picket policy check ${shellWord(output)}`);
}

/** `10.0.2.0/24` of a flag. */
export function prefixFlag(input: string): Prefix {
  const prefix = parsePrefix(input);
  if (prefix === null) throw new Error('it is not an address or range; write 10.0.2.0/24');
  return prefix;
}

export interface Placed {
  readonly name: string;
  readonly ends: Selector;
}

/** `eth1=10.0.2.0/24` or `eth0=internet` of a flag; given several times for one interface, either holds. */
export function interfaceFlag(input: string): Placed {
  const [name = '', ends = '', ...more] = input.split('=');
  if (name === '' || ends === '' || more.length > 0)
    throw new Error('write INTERFACE=RANGE, for instance eth1=10.0.2.0/24');
  return { name, ends: ends === 'internet' ? { kind: 'internet' } : { kind: 'prefix', prefix: prefixFlag(ends) } };
}

export function interfacesOf(placed: readonly Placed[]): ReadonlyMap<string, Selector> {
  const all = new Map<string, Selector[]>();
  for (const { name, ends } of placed) all.set(name, [...(all.get(name) ?? []), ends]);
  return new Map(
    [...all].map(([name, of]) => [name, of.length === 1 && of[0] !== undefined ? of[0] : { kind: 'either', of }]),
  );
}
