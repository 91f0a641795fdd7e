// What a stage has begun and must end: in the reverse order, each whatever becomes of the others.

type Close = () => Promise<unknown> | unknown

export interface Closers {
  push(close: Close): void
  /** Ends what was pushed since the last time. Never rejects. */
  close(): Promise<void>
}

/** @param say is told what could not be ended */
export function makeClosers(say: (line: string) => void = (line) => void process.stderr.write(`${line}\n`)): Closers {
  const closers: Close[] = []
  return {
    push: (close) => void closers.push(close),
    async close() {
      for (const each of closers.splice(0).reverse())
        await Promise.resolve()
          .then(each)
          .catch((error: unknown) => say(`cleaning up: ${String(error)}`))
    },
  }
}
