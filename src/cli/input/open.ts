// Opens the inputs of a run: files, standard input, and all files of folders. What can be seen to be wrong is refused before anything is read.

import type { Desk } from '../context.ts';
import { nameOf, wrongUsage } from '../failure.ts';
import { counted } from '../output/text.ts';
import { filesIn, noFiles } from './folder.ts';
import { type Looked, look, lookAside } from './look.ts';
import { Source } from './source.ts';

/** Files of a folder whose format is not known that are named; the others are only counted. */
const NAMED_MAX = 5;

export async function openAll(desk: Desk, paths: readonly string[]): Promise<readonly Looked[]> {
  if (paths.filter((path) => path === '-').length > 1)
    throw wrongUsage('"-" is given twice, but there is one standard input');
  const groups: { readonly sources: readonly Source[]; readonly folder: string | null }[] = [];
  for (const path of paths) {
    const files = path === '-' ? null : await filesIn(desk.io, path);
    const sources: Source[] = [];
    for (const file of files ?? [path]) sources.push(await Source.open(desk.io, file));
    groups.push({ sources, folder: files === null ? null : path });
  }
  for (const path of namedTwice(groups.flatMap(({ sources }) => sources)))
    desk.say(`note: ${nameOf(path)} is named more than once; its traffic counts each time`);
  const inputs: Looked[] = [];
  for (const { sources, folder } of groups) {
    if (folder !== null) inputs.push(...(await lookInto(desk, folder, sources)));
    else for (const source of sources) inputs.push(await look(source));
  }
  return inputs;
}

/** The captures and logs of a folder. Whatever else lies in it is named, not refused: nobody asked for it. */
async function lookInto(desk: Desk, folder: string, sources: readonly Source[]): Promise<readonly Looked[]> {
  const known: Looked[] = [];
  const others: string[] = [];
  for (const source of sources) {
    const looked = await lookAside(source);
    if (looked === null) others.push(source.path);
    else known.push(looked);
  }
  if (known.length === 0) throw noFiles(folder);
  if (others.length === 0) return known;
  const more = others.length > NAMED_MAX ? ' and others' : '';
  const names = others
    .slice(0, NAMED_MAX)
    .map((path) => nameOf(path))
    .join(', ');
  desk.say(
    `note: ${counted(others.length, 'file')} of ${nameOf(folder)} left out, no capture and no log that is known: ${names}${more}`,
  );
  return known;
}

/** Each path once whose file an earlier path leads to as well. */
function namedTwice(sources: readonly Source[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { path, identity } of sources) {
    if (identity === null) continue;
    if (seen.has(identity)) twice.add(path);
    seen.add(identity);
  }
  return twice;
}
