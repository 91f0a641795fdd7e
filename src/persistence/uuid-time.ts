// Ids begin with the time they were made, so what is newer than a moment is found by id, without an index on time.

/** The smallest UUIDv7 that can be made at that time. */
export function noEarlierThan(at: Date): string {
  const hex = Math.max(0, at.getTime()).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
}
