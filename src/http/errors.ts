// Turns whatever goes wrong into one problem document (RFC 9457): refusals by their code, validation by its fields, the database
// being away as 503, everything else as a 500 that says nothing of its cause. The cause goes to the log, without the request's words.

import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FieldError, Refusal } from '../domain/result.ts'
import { isUnavailable } from '../persistence/database.ts'
import { InvalidRequest } from './field-errors.ts'
import { PROBLEMS, type ProblemCode } from './problems.ts'

declare module 'fastify' {
  interface FastifyReply {
    /** Answers with the problem document of a refusal. */
    refuse(refusal: Refusal<ProblemCode>): FastifyReply
  }
}

/** Seconds after which a client may try again when the database is away. */
const DATABASE_RETRY_S = 5

export interface ProblemDocument {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  /** The same as `detail`, for clients that look for a message. */
  readonly message: string
  readonly requestId: string
  readonly errors?: readonly FieldError[]
}

/** The document of one refusal. Pure: the same refusal gives the same document. */
export function problemDocument(refusal: Refusal<ProblemCode>, requestId: string): ProblemDocument {
  const { status, title } = PROBLEMS[refusal.code]
  return {
    ...refusal.details,
    type: `urn:wa-erp:problem:${refusal.code}`,
    title,
    status,
    detail: refusal.message,
    code: refusal.code,
    message: refusal.message,
    requestId,
    ...(refusal.errors === undefined ? {} : { errors: refusal.errors }),
  }
}

/** Thrown by the limiter, which knows no other way to say it. */
export class TooOften extends Error {
  readonly statusCode = 429
  readonly retryAfterSeconds: number
  constructor(retryAfterSeconds: number) {
    super('too many requests')
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** What an error that reached the border means to the caller. */
function refusalOf(error: FastifyError | TooOften | InvalidRequest): Refusal<ProblemCode> {
  if (error instanceof TooOften) {
    const retryAfterSeconds = Math.max(1, error.retryAfterSeconds)
    const message = `That was too often. Try again in ${retryAfterSeconds} seconds.`
    return { code: 'rate-limited', message, retryAfterSeconds }
  }
  if (error instanceof InvalidRequest) return validationRefusal(error)
  if (isUnavailable(error))
    return {
      code: 'database-unavailable',
      message: 'The database cannot be reached at the moment. Nothing was changed; try again in a few seconds.',
      retryAfterSeconds: DATABASE_RETRY_S,
    }
  return FRAMEWORK[error.code] ?? byStatus(error)
}

function validationRefusal({ errors, validationContext }: InvalidRequest): Refusal<ProblemCode> {
  const first = errors[0] === undefined ? '' : `${errors[0].path}: ${errors[0].message}`
  switch (validationContext) {
    case 'params':
      return { code: 'not-found', message: 'There is nothing under this address, or it is not yours to see.' }
    case 'body':
      return { code: 'validation-failed', message: `The body has wrong fields. ${first}`, errors }
    default:
      return { code: 'invalid-parameter', message: `A parameter is wrong. ${first}`, errors }
  }
}

const FRAMEWORK: Readonly<Record<string, Refusal<ProblemCode>>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: {
    code: 'malformed-json',
    message: 'The body is not valid JSON. Check quotes, commas and brackets.',
  },
  FST_ERR_CTP_BODY_TOO_LARGE: {
    code: 'payload-too-large',
    message: 'The body is larger than this server accepts (MAX_FILE_SIZE).',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported-media-type',
    message: 'Send the body as JSON, with the header Content-Type: application/json.',
  },
}

function byStatus(error: FastifyError): Refusal<ProblemCode> {
  // The JSON parser's own errors (prototype poisoning, a broken encoding) carry a status and no code of the framework.
  if (error instanceof SyntaxError && error.statusCode === 400)
    return { code: 'malformed-json', message: 'The body is not valid JSON. Check quotes, commas and brackets.' }
  const status = error.statusCode ?? 500
  if (status >= 400 && status < 500)
    return {
      code: 'malformed-request',
      message: `The request cannot be read (${STATUS_CODES[status] ?? status}). Check its address, its headers and, of an upload, its form.`,
    }
  return {
    code: 'internal',
    message: 'Something went wrong on our side. Try again; if it stays, give the operator the request id.',
  }
}

/** Lets the whole server answer errors, unknown addresses and wrong methods with problem documents. */
export function problems(app: FastifyInstance): void {
  app.decorateReply('refuse', function (this: FastifyReply, refusal: Refusal<ProblemCode>) {
    return sendProblem(this, refusal)
  })

  app.setErrorHandler((error: FastifyError, request, reply) => answerError(error, request, reply))

  const routes: { readonly method: string; readonly pattern: RegExp }[] = []
  app.addHook('onRoute', (route) => {
    // CORS answers OPTIONS everywhere; that makes no address known.
    for (const method of [route.method].flat())
      if (method !== 'OPTIONS') routes.push({ method, pattern: patternOf(route.url) })
  })
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const methods = new Set(routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))
    if (methods.size === 0 || methods.has(request.method))
      return reply.refuse({
        code: 'not-found',
        message: 'There is nothing under this address. The addresses are listed at /.',
      })
    const allowed = [...methods].join(', ')
    return reply
      .header('allow', allowed)
      .refuse({ code: 'method-not-allowed', message: `This address knows ${allowed} only.` })
  })
}

/** Answers an error with its problem document. Also for what fails before there is a route: an address that cannot be read. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = refusalOf(error)
  logFailure(request, refusal, error)
  reply.header('x-request-id', request.id)
  return sendProblem(reply, refusal)
}

function sendProblem(reply: FastifyReply, refusal: Refusal<ProblemCode>): FastifyReply {
  const document = problemDocument(refusal, reply.request.id)
  if (refusal.retryAfterSeconds !== undefined) reply.header('retry-after', Math.ceil(refusal.retryAfterSeconds))
  // As text, so that it passes by the serializer of the route's own answer.
  return reply.code(document.status).type('application/problem+json').send(JSON.stringify(document))
}

function patternOf(url: string): RegExp {
  const escaped = url.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll(/:[^/]+/g, '[^/]+').replaceAll('*', '.*')}/?$`)
}

function logFailure(request: FastifyRequest, refusal: Refusal<ProblemCode>, error: FastifyError): void {
  const status = PROBLEMS[refusal.code].status
  if (refusal.code === 'internal') request.log.error({ err: error }, 'request failed')
  else if (status >= 500) request.log.warn({ code: refusal.code }, 'request refused')
}
