// The newest policy that this element took from its domain, on disk before it is used: content and statement. What it says is never taken for older
// again. Whether the kernel has it is the agent's affair.

import { join } from 'node:path';
import * as z from 'zod';
import { ENTRIES_MAX, type PolicyEntry, type PolicyStatement, policyStatementOf } from '#wire';
import { makeFolder, readJson, writeWhole } from './files.ts';
import { LinkError } from './trouble.ts';

export interface Held {
  readonly statement: PolicyStatement;
  readonly entries: readonly PolicyEntry[];
}

const heldSchema = z.strictObject({
  schema: z.literal('picket.held/v1'),
  statement: z.unknown(),
  entries: z
    .array(
      z.strictObject({
        section: z.enum(['policy', 'elements', 'services', 'rules', 'never', 'require', 'tests']),
        id: z.string(),
        json: z.string(),
      }),
    )
    .max(ENTRIES_MAX)
    .readonly(),
});

const floorSchema = z.strictObject({
  schema: z.literal('picket.floor/v1'),
  /** The highest revision and sequence that were ever taken. */
  revision: z.int().min(0),
  quarantineSequence: z.int().min(0),
});
export type Floor = z.infer<typeof floorSchema>;

const HELD = 'policy.json';
const FLOOR = 'floor.json';

export function readHeld(folder: string): Held | null {
  const value = readJson(join(folder, HELD));
  if (value === null) return null;
  const parsed = heldSchema.safeParse(value);
  const statement = parsed.success ? policyStatementOf(parsed.data.statement) : null;
  if (!parsed.success || statement === null) throw damaged(folder, HELD);
  return { statement, entries: parsed.data.entries };
}

/** The floor first: who dies in between has a floor without a policy and gets it again. */
export function writeHeld(folder: string, { statement, entries }: Held, floor: Floor): void {
  writeFloor(folder, { ...floor, revision: Math.max(floor.revision, statement.revision) });
  writeWhole(join(folder, HELD), `${JSON.stringify({ schema: 'picket.held/v1', statement, entries })}\n`);
}

export function readFloor(folder: string): Floor {
  const value = readJson(join(folder, FLOOR));
  if (value === null) return { schema: 'picket.floor/v1', revision: 0, quarantineSequence: 0 };
  const parsed = floorSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw damaged(folder, FLOOR);
}

export function writeFloor(folder: string, floor: Floor): void {
  makeFolder(folder);
  writeWhole(join(folder, FLOOR), `${JSON.stringify(floor)}\n`);
}

function damaged(folder: string, file: string): LinkError {
  return new LinkError({
    code: 'PICKET-C663',
    message: `"${file}" in "${folder}" is damaged, so it is not known which policy was the newest; the one in force stays`,
    help: 'bring it back from a backup, or leave and join anew: picket leave, then picket join LINK',
  });
}
