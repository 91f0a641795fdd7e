// What a caller may get wrong is a value. This file defines that value; what we got wrong ourselves is thrown.

/** A refusal: a stable kebab-case code (one row each in docs/errors.md) and a sentence that says what to do. */
export interface Refusal<Code extends string = string> {
  readonly code: Code
  readonly message: string
  /** Fields at fault, in the request's own path notation (`items[0].quantity`), when there are any. */
  readonly errors?: readonly FieldError[]
  /** Seconds after which the same request may succeed. */
  readonly retryAfterSeconds?: number
  /** What a program needs beside the sentence, each under a documented name (`allowed`, `short`). */
  readonly details?: Readonly<Record<string, unknown>>
}

export interface FieldError {
  readonly path: string
  readonly code: string
  readonly message: string
}

export type Result<T, Code extends string = string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal<Code> }

/** Wraps a value as success. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value }
}

/** Builds a refusal. `message` is for the person who reads it: what happened, then what to do. */
export function refuse<Code extends string>(
  code: Code,
  message: string,
  more: Omit<Refusal<Code>, 'code' | 'message'> = {},
): { readonly ok: false; readonly refusal: Refusal<Code> } {
  return { ok: false, refusal: { code, message, ...more } }
}

/** Ends a switch over a union: a forgotten case does not compile. */
export function never(value: never): never {
  throw new Error(`unreachable case: ${JSON.stringify(value)}`)
}
