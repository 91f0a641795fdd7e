// Waiting with a deadline for an answer from another machine. What happens when there is none is the asker's business.

/** Thrown when there was no answer in time. It may still have been heard. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

/** @throws NoAnswer after `ms`; what `work` throws */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  // Looked at once more after the timer: when it was this process that was busy, the answer lies there already.
  const timer = setTimeout(
    () => setImmediate(() => late.reject(new NoAnswer(`${what} did not answer within ${ms} ms`))),
    ms,
  )
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
