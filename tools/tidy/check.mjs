// The arrow check: reads the sources as text and returns what breaks the house's rules. Changes nothing.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { FORBIDDEN_IN_CORE, MAX_FILE_LINES, PACKAGES, ROOMS } from './house.mjs';

/** All complaints about the tree below `root`/src, as `file: what`. Empty means tidy. */
export function check(root) {
  const files = sources(join(root, 'src')).map((path) => readSource(root, path));
  const byPath = new Map(files.map((file) => [file.path, file]));
  return [
    ...files.flatMap(roomComplaints),
    ...files.flatMap((file) => importComplaints(file, byPath)),
    ...doorComplaints(files),
    ...unusedComplaints(files, byPath),
    ...circleComplaints(files, byPath),
  ].sort();
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

function readSource(root, absolute) {
  const path = relative(root, absolute).split(sep).join('/');
  const text = readFileSync(absolute, 'utf8');
  const room = Object.entries(ROOMS).find(([, { folder }]) => path.startsWith(`src/${folder}/`))?.[0] ?? null;
  const isTest = /\.(test|testing)\.ts$/.test(path);
  return { path, text, room, isTest, imports: importsOf(path, text) };
}

/** Every `from '…'` and bare `import '…'`, type imports included; relative ones as paths from the root. */
function importsOf(path, text) {
  const found = [
    ...text.matchAll(/^\s*(?:import|export)\b[^'";]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/gm),
  ];
  return found.map((match) => {
    const name = match[1] ?? match[2] ?? match[3];
    const target = name.startsWith('.')
      ? relative(resolve('.'), resolve(dirname(path), name))
          .split(sep)
          .join('/')
      : null;
    return { name, target };
  });
}

function roomComplaints(file) {
  const complaints = [];
  if (file.room === null) complaints.push(`${file.path}: lies in no room of the house`);
  if (!file.text.startsWith('//'))
    complaints.push(`${file.path}: opens without its purpose (one to four comment lines)`);
  const lines = file.text.split('\n').length;
  if (lines > MAX_FILE_LINES + 1 && !file.isTest)
    complaints.push(`${file.path}: ${lines} lines, at most ${MAX_FILE_LINES}`);
  if (!file.path.startsWith('src/core/') || file.isTest) return complaints;
  const code = file.text.replace(/\/\/.*$|\/\*[\s\S]*?\*\//gm, '');
  for (const [pattern, what] of FORBIDDEN_IN_CORE) {
    if (pattern.test(code)) complaints.push(`${file.path}: core touches ${what}`);
  }
  return complaints;
}

function importComplaints(file, byPath) {
  if (file.room === null) return [];
  return file.imports.flatMap(({ name, target }) => {
    if (name.startsWith('node:')) return [];
    if (target !== null) return relativeComplaints(file, target, byPath);
    if (name.startsWith('#')) return doorArrowComplaints(file, name);
    const allowed = PACKAGES[file.room].some((entry) => name === entry || name.startsWith(`${entry}/`));
    return allowed || file.isTest ? [] : [`${file.path}: imports package ${name}, which ${file.room} may not`];
  });
}

function relativeComplaints(file, target, byPath) {
  const other = byPath.get(target);
  if (other === undefined) return [`${file.path}: imports ${target}, which is not there`];
  if (other.room !== file.room) return [`${file.path}: imports ${target} past the door of ${other.room}`];
  if (other.isTest && !file.isTest) return [`${file.path}: imports test code ${target}`];
  const isDoor = target === `src/${ROOMS[file.room].folder}/index.ts`;
  return isDoor && !file.isTest ? [`${file.path}: imports its own room's door instead of the sibling file`] : [];
}

function doorArrowComplaints(file, name) {
  const room = Object.entries(ROOMS).find(([, { door }]) => door === name)?.[0];
  if (room === undefined) return [`${file.path}: imports ${name}, which is no door`];
  if (room === file.room) return file.isTest ? [] : [`${file.path}: imports its own room by its door`];
  if (file.isTest) return [];
  const isAllowed = ROOMS[file.room].imports.includes(room);
  return isAllowed ? [] : [`${file.path}: arrow ${file.room} → ${room} is not in the house`];
}

function doorComplaints(files) {
  const rooms = [...new Set(files.flatMap((file) => file.room ?? []))].filter((room) => ROOMS[room].door !== null);
  return rooms.flatMap((room) => {
    const path = `src/${ROOMS[room].folder}/index.ts`;
    const door = files.find((file) => file.path === path);
    if (door === undefined) return [`${path}: room ${room} has no door`];
    const head = door.text.split('\n').findIndex((line) => !line.startsWith('//'));
    const says = door.text.split('\n').slice(0, head).join(' ');
    const missing = ['In:', 'Out:', 'Never:'].filter((word) => !says.toLowerCase().includes(word.toLowerCase()));
    return missing.map((word) => `${path}: head comment does not say "${word}"`);
  });
}

function unusedComplaints(files, byPath) {
  const used = new Set(
    files.flatMap((file) => (file.isTest ? [] : file.imports.flatMap(({ target }) => target ?? []))),
  );
  return [...byPath.values()]
    .filter(
      (file) =>
        !file.isTest && !file.path.endsWith('/index.ts') && !file.path.startsWith('src/bin/') && !used.has(file.path),
    )
    .map((file) => `${file.path}: nobody imports it`);
}

/** One complaint per file that can reach itself; type imports count. */
function circleComplaints(files, byPath) {
  const next = (path) => (byPath.get(path)?.imports ?? []).flatMap(({ target }) => target ?? []);
  return files.flatMap((file) => {
    const seen = new Set();
    const waiting = next(file.path);
    while (waiting.length > 0) {
      const path = waiting.pop();
      if (path === file.path) return [`${file.path}: is part of a circle of imports`];
      if (seen.has(path)) continue;
      seen.add(path);
      waiting.push(...next(path));
    }
    return [];
  });
}
