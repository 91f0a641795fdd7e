// Waiting with an end: what a piece of work gives, unless its time is over first. The work itself goes on.

/** What the work gives in time; null when its time is over first. */
export async function before<T>(deadline: number, monotonic: () => number, work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<null>((resolve) => {
    // Whole milliseconds: the timers of all that wait equally long share one list.
    timer = setTimeout(resolve, Math.max(0, Math.ceil(deadline - monotonic())), null)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}
