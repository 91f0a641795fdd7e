// Requests that carry a file: a form with one file and a few fields, or (where the route says so) the file as the whole body. The file
// is read within MAX_FILE_SIZE before the route's checks, so that its hash counts as part of the body for an Idempotency-Key. Only the
// routes registered here take such bodies; all others stay with JSON.

import { createHash } from 'node:crypto'
import multipart from '@fastify/multipart'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { refuse } from '../../domain/result.ts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { hasNul } from './bodies.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes a file: under which names of a form's field (the first is its name in the body), and as which whole body. */
    upload?: { readonly names: readonly [string, ...string[]]; readonly whole?: 'text/csv' }
  }
  interface FastifyRequest {
    /** The bytes of the file, on routes that take one. */
    uploaded: Buffer | null
  }
}

const MAX_FIELDS = 8
const MAX_FIELD_BYTES = 10_000
const MAX_HEADERS = 100

/** Registers routes that take files. */
export async function uploads(api: Api, deps: Pick<AppDeps, 'config'>, routes: (api: Api) => void): Promise<void> {
  await api.register(async (scope) => {
    const { maxFileSize } = deps.config
    await scope.register(multipart, {
      limits: {
        fileSize: maxFileSize,
        files: 1,
        fields: MAX_FIELDS,
        parts: MAX_FIELDS + 1,
        fieldSize: MAX_FIELD_BYTES,
        headerPairs: MAX_HEADERS,
      },
    })
    scope.decorateRequest('uploaded', null)
    scope.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
      const { upload } = request.routeOptions.config
      if (upload?.whole !== 'text/csv') return done(null, undefined)
      request.uploaded = bytes
      done(null, { [upload.names[0]]: hashOf(bytes) })
    })
    scope.addHook('preValidation', readForm)
    routes(scope.withTypeProvider<ZodTypeProvider>())
  })
}

/** The file of the request. Only for routes whose body demands one. */
export function fileOf(request: FastifyRequest): Buffer {
  if (request.uploaded === null) throw new Error('the body was accepted without its file')
  return request.uploaded
}

async function readForm(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  const { upload } = request.routeOptions.config
  if (upload === undefined || request.uploaded !== null) return undefined
  const [name] = upload.names
  if (!request.isMultipart()) {
    const whole = upload.whole === undefined ? '' : `, or as the whole body with Content-Type: ${upload.whole}`
    return reply.refuse({
      code: 'unsupported-media-type',
      message: `Send the file in a form (multipart/form-data) as the field "${name}"${whole}.`,
    })
  }
  const body: Record<string, unknown> = {}
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') {
        const bytes = await part.toBuffer()
        // Under another name it is an unknown field, which the body's own check refuses.
        const known = upload.names.includes(part.fieldname)
        if (known) request.uploaded = bytes
        body[known ? name : part.fieldname] = hashOf(bytes)
      } else body[part.fieldname] = part.value
    }
  } catch (error) {
    return reply.refuse(unreadable(error))
  }
  if (hasNul(body)) return reply.refuse({ code: 'validation-failed', message: 'A field holds a NUL character.' })
  // A text under the file's name is no file.
  if (request.uploaded === null) delete body[name]
  request.body = body
  return undefined
}

function unreadable(error: unknown) {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'FST_REQ_FILE_TOO_LARGE')
    return refuse(
      'payload-too-large',
      'The file is larger than this server accepts (MAX_FILE_SIZE). Send a smaller one.',
    ).refusal
  const message = 'The form cannot be read: send one file and its few fields as multipart/form-data, complete.'
  return refuse('malformed-request', message).refusal
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
