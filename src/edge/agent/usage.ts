// What was used of budgets, as it was saved. Not the counting: the kernel does that.

import type { BudgetUsage, Usage } from '#enforce';
import { readWhole } from './files.ts';

/** Null where there is none, or where it cannot be read: what the table in the kernel still knows counts all the same. */
export function readUsage(path: string): Usage | null {
  const text = readWhole(path);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isUsage(value) ? value : null;
  } catch {
    return null;
  }
}

function isUsage(value: unknown): value is Usage {
  if (typeof value !== 'object' || value === null || !('at' in value && 'budgets' in value)) return false;
  return typeof value.at === 'number' && Array.isArray(value.budgets) && value.budgets.every(isBudget);
}

function isBudget(value: unknown): value is BudgetUsage {
  if (typeof value !== 'object' || value === null || !('name' in value && 'used' in value)) return false;
  return typeof value.name === 'string' && typeof value.used === 'number';
}
