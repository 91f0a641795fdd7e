// The version of a resource on its way in and out: `ETag` tells which one was read, `If-Match` which one a change was decided upon. Whether
// it still is that one is checked by the statement that writes, never here.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { ok, type Result, refuse } from '../domain/result.ts'

const TAG = /^(?:W\/)?"(\d{1,9})"$/

/**
 * The version the caller expects (RFC 9110, 13.1.1). Null when none is named, or `*`: then any will do.
 */
export function ifMatch({ headers }: Pick<FastifyRequest, 'headers'>): Result<number | null, 'invalid-parameter'> {
  const text = headers['if-match']?.trim()
  if (text === undefined || text === '*') return ok(null)
  const version = TAG.exec(text)?.[1]
  if (version !== undefined) return ok(Number(version))
  const message = 'If-Match takes the ETag of one earlier answer, such as "3" with its quotes.'
  return refuse('invalid-parameter', message, { errors: [{ path: 'if-match', code: 'invalid', message }] })
}

/** Says which version the answer shows. */
export function etag(reply: FastifyReply, version: number): void {
  reply.header('etag', `"${version}"`)
}
