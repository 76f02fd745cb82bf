// The kernel's settings that a gateway needs: what they were is noted on disk before they are changed, and put back at the end. Not forwarding:
// whether a machine routes is its owner's affair.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readWhole, removeFile, writeWhole } from './files.ts';

/** Setting → value. All are of the network namespace, and exist once the kernel tracks connections. */
const NEEDED: ReadonlyMap<string, string> = new Map([
  // Flows tell their packets and bytes: floors are judged from them.
  ['nf_conntrack_acct', '1'],
  ['nf_conntrack_timestamp', '1'],
  ['nf_conntrack_events', '1'],
  // A connection that was cut does not come back in its middle.
  ['nf_conntrack_tcp_loose', '0'],
]);

const FOLDER = '/proc/sys/net/netfilter/';
const TOOL_MS_MAX = 10_000;

interface Note {
  readonly schema: 'picket.settings/v1';
  /** What was there before; null where the setting did not exist. */
  readonly before: Readonly<Record<string, string | null>>;
}

export interface SettingsOptions {
  /** File of the note. */
  readonly path: string;
  /** Words before each command. */
  readonly prefix: readonly string[];
}

/** Notes what is there, then sets what is needed. A note that is there already stays: it is of before the first change. Returns what could not be set. */
export async function setSettings({ path, prefix }: SettingsOptions): Promise<readonly string[]> {
  const now = await readSettings(prefix);
  if (readNote(path) === null) writeNote(path, now);
  const failed: string[] = [];
  for (const [name, value] of NEEDED)
    if (now[name] !== value && !(await write({ prefix, name, value }))) failed.push(name);
  return failed;
}

/** Puts back what was noted, but for a setting that somebody else has changed since. */
export async function restoreSettings({ path, prefix }: SettingsOptions): Promise<void> {
  const note = readNote(path);
  if (note === null) return;
  const now = await readSettings(prefix);
  for (const [name, ours] of NEEDED) {
    const value = note.before[name] ?? null;
    if (value !== null && value !== ours && now[name] === ours) await write({ prefix, name, value });
  }
  removeFile(path);
}

async function readSettings(prefix: readonly string[]): Promise<Record<string, string | null>> {
  const values: Record<string, string | null> = {};
  for (const name of NEEDED.keys()) values[name] = (await run([...prefix, 'cat', `${FOLDER}${name}`]))?.trim() ?? null;
  return values;
}

async function write(one: { prefix: readonly string[]; name: string; value: string }): Promise<boolean> {
  const script = 'printf "%s\\n" "$1" > "$2"';
  return (await run([...one.prefix, 'sh', '-c', script, 'sh', one.value, `${FOLDER}${one.name}`])) !== null;
}

function run([program = 'true', ...words]: readonly string[]): Promise<string | null> {
  return promisify(execFile)(program, words, { timeout: TOOL_MS_MAX }).then(
    ({ stdout }) => stdout,
    () => null,
  );
}

function writeNote(path: string, before: Note['before']): void {
  const note: Note = { schema: 'picket.settings/v1', before };
  writeWhole(path, `${JSON.stringify(note)}\n`);
}

/** Null where there is none, or where it cannot be read: then nothing is known that could be put back. */
function readNote(path: string): Note | null {
  const text = readWhole(path);
  if (text === null) return null;
  try {
    const note: unknown = JSON.parse(text);
    return isNote(note) ? note : null;
  } catch {
    return null;
  }
}

function isNote(value: unknown): value is Note {
  return (
    typeof value === 'object' &&
    value !== null &&
    'schema' in value &&
    value.schema === 'picket.settings/v1' &&
    'before' in value &&
    typeof value.before === 'object' &&
    value.before !== null
  );
}
