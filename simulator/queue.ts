// Runs asynchronous jobs one after the other, so that a ratchet never takes two steps at once.

export type Queue = <T>(job: () => Promise<T> | T) => Promise<T>

export const createQueue = (): Queue => {
  let last: Promise<unknown> = Promise.resolve()
  return (job) => {
    const result = last.then(job)
    last = result.catch(() => undefined)
    return result
  }
}
