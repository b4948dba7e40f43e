/** ISO 8601 in UTC; undefined where a file says what no calendar reaches. @param at Epoch milliseconds. */
export function isoTime(at: number): string | undefined {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}
