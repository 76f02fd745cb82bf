// The kernel's settings that a gateway needs: what they were is noted on disk before they are changed, and put back at the end. Not forwarding:
// whether a machine routes is its owner's affair.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readWhole, removeFile, writeWhole } from './files.ts';

interface Need {
  readonly name: string;
  readonly value: string;
  /** Set by this process. What is not is changed by a child that observes, and only put back. */
  readonly isSet: boolean;
}

/** All are of the network namespace, and exist once the kernel tracks connections. */
const NEEDED: readonly Need[] = [
  // Flows tell their packets and bytes: floors are judged from them.
  { name: 'nf_conntrack_acct', value: '1', isSet: true },
  { name: 'nf_conntrack_timestamp', value: '1', isSet: true },
  { name: 'nf_conntrack_events', value: '1', isSet: true },
  // A connection that was cut does not come back in its middle.
  { name: 'nf_conntrack_tcp_loose', value: '0', isSet: true },
  // tcpdump takes the log of IPv4 (2) and IPv6 (10) over when it listens to the table's log group, and does not give it back.
  { name: 'nf_log/2', value: 'nfnetlink_log', isSet: false },
  { name: 'nf_log/10', value: 'nfnetlink_log', isSet: false },
];

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
  const wanted = NEEDED.filter(({ name, value, isSet }) => isSet && now[name] !== value);
  return write(prefix, wanted);
}

/** Puts back what was noted, but for a setting that somebody else has changed since. */
export async function restoreSettings({ path, prefix }: SettingsOptions): Promise<void> {
  const note = readNote(path);
  if (note === null) return;
  const now = await readSettings(prefix);
  const changed = NEEDED.filter(({ name, value }) => now[name] === value).flatMap(({ name, value }) => {
    const before = note.before[name] ?? null;
    return before === null || before === value ? [] : [{ name, value: before }];
  });
  await write(prefix, changed);
  removeFile(path);
}

/** One line a setting: its value, or nothing where it does not exist. One child for all, because a start has to be quick. */
async function readSettings(prefix: readonly string[]): Promise<Record<string, string | null>> {
  const script = 'cd "$1" || exit 0; shift; for name; do cat "$name" 2>/dev/null || echo; done';
  const names = NEEDED.map(({ name }) => name);
  const lines = ((await run([...prefix, 'sh', '-c', script, 'sh', FOLDER, ...names])) ?? '').split('\n');
  const values: Record<string, string | null> = {};
  for (const [at, name] of names.entries())
    values[name] = lines[at] === undefined || lines[at] === '' ? null : lines[at];
  return values;
}

/** Returns the names of those that could not be written. */
async function write(
  prefix: readonly string[],
  wanted: readonly { readonly name: string; readonly value: string }[],
): Promise<readonly string[]> {
  if (wanted.length === 0) return [];
  const script =
    'cd "$1" || exit 0; shift; while [ $# -gt 0 ]; do { printf "%s\\n" "$2" > "$1"; } 2>/dev/null || echo "$1"; shift 2; done';
  const words = wanted.flatMap(({ name, value }) => [name, value]);
  const failed = await run([...prefix, 'sh', '-c', script, 'sh', FOLDER, ...words]);
  return failed === null ? wanted.map(({ name }) => name) : failed.split('\n').filter((name) => name !== '');
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
