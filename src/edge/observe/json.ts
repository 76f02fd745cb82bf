// Reads values out of parsed JSON whose shape is not certain. Not a schema: what is missing has an empty value.

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textIn(record: Record<string, unknown>, key: string): string {
  const value = Object.hasOwn(record, key) ? record[key] : '';
  return typeof value === 'string' ? value : '';
}

export function numberIn(record: Record<string, unknown>, key: string): number {
  const value = Object.hasOwn(record, key) ? record[key] : 0;
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

export function recordsIn(record: Record<string, unknown>, key: string): readonly Record<string, unknown>[] {
  const value = Object.hasOwn(record, key) ? record[key] : [];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
