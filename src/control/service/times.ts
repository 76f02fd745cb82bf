// Instants as the API tells them. Not durations.

/** ISO 8601 in UTC. `ms`: epoch milliseconds. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
