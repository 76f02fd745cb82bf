// Text to plain values: YAML with several documents, JSON, JSON with comments. Bounded in size, depth and aliases.

import JSON5 from 'json5';
import { parseAllDocuments } from 'yaml';
import type { Problem } from '#model';
import { isTooLong, refusal, TOO_LARGE, tooLong, UNREADABLE } from './refusal.ts';

/** Levels of lists and maps. Foreign policies need a dozen; parsers recurse, and this keeps them shallow. */
const DEPTH_MAX = 64;
/** Times one YAML alias may be followed; policies hardly use any. */
const ALIASES_MAX = 100;

export function isProblem(value: readonly unknown[] | Problem): value is Problem {
  return !Array.isArray(value);
}

/** One value of a JSON text, in a list. */
export function readJson(text: string, file: string): readonly unknown[] | Problem {
  const refused = refusedFor(text, file);
  if (refused !== null) return refused;
  try {
    return [JSON.parse(text)];
  } catch (error) {
    return refusal(UNREADABLE, `cannot read the text as JSON: ${messageOf(error)}`, { file, line: 1, column: 1 });
  }
}

/** One value of a JSON text with comments and trailing commas, in a list. */
export function readJson5(text: string, file: string): readonly unknown[] | Problem {
  const refused = refusedFor(text, file);
  if (refused !== null) return refused;
  try {
    return [JSON5.parse(text)];
  } catch (error) {
    const [, line, column] = /at ([0-9]+):([0-9]+)/.exec(messageOf(error)) ?? [];
    const where = { file, line: Number(line ?? 1), column: Number(column ?? 1) };
    return refusal(UNREADABLE, `cannot read the text as JSON with comments: ${messageOf(error)}`, where);
  }
}

/** Every document of a YAML text (JSON is YAML too), empty ones left out. */
export function readYaml(text: string, file: string): readonly unknown[] | Problem {
  if (/^\s*[[{]/.test(text)) return readJson(text, file);
  const refused = refusedFor(text, file) ?? indentRefusal(text, file);
  if (refused !== null) return refused;
  const values: unknown[] = [];
  for (const document of parseAllDocuments(text, { logLevel: 'silent', uniqueKeys: true, merge: true, strict: true })) {
    if (!('errors' in document)) continue;
    const [error] = document.errors;
    if (error !== undefined) {
      const [start] = error.linePos ?? [];
      const [message = ''] = error.message.split('\n');
      return refusal(UNREADABLE, `cannot read the text as YAML: ${message}`, {
        file,
        line: start?.line ?? 1,
        column: start?.col ?? 1,
      });
    }
    try {
      const value: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
      if (value !== null && value !== undefined) values.push(value);
    } catch (failure) {
      // The parser throws for aliases that multiply, which is an attack or a mistake, never a policy.
      return refusal(TOO_LARGE, `cannot follow the aliases of the text: ${messageOf(failure)}`, {
        file,
        line: 1,
        column: 1,
      });
    }
  }
  return values;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function refusedFor(text: string, file: string): Problem | null {
  if (isTooLong(text)) return tooLong();
  let depth = 0;
  let line = 1;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '\n') line++;
    else if (char === '[' || char === '{') depth++;
    else if (char === ']' || char === '}') depth = Math.max(0, depth - 1);
    if (depth > DEPTH_MAX)
      return refusal(TOO_LARGE, `the text nests deeper than ${DEPTH_MAX} levels`, { file, line, column: 1 });
  }
  return null;
}

/** Block nesting of YAML costs at least a column a level, so a deeply indented line is a deep text. */
const INDENT_MAX = 1_000;

function indentRefusal(text: string, file: string): Problem | null {
  for (const [at, line] of text.split('\n').entries()) {
    const lead = /^[ \-?:]*/.exec(line)?.[0].length ?? 0;
    const dashes = (/^[ \-?]*/.exec(line)?.[0].match(/[-?] /g) ?? []).length;
    if (lead > INDENT_MAX || dashes > DEPTH_MAX)
      return refusal(TOO_LARGE, 'the text nests too deep', { file, line: at + 1, column: 1 });
  }
  return null;
}
