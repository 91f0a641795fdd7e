// What every route of the API has in common: its type, what it declares about itself (who may call it, with what it refuses), and
// the one place that turns those declarations into checks at start and into the OpenAPI document.

import type { FastifyBaseLogger, FastifyContextConfig, FastifyInstance, RawServerDefault } from 'fastify'
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Permission } from '../domain/access.ts'
import { validatorCompiler } from './field-errors.ts'
import { PROBLEMS, type ProblemCode } from './problems.ts'
import { problemSchema } from './schemas/common.ts'

export type Api = FastifyInstance<
  RawServerDefault,
  import('node:http').IncomingMessage,
  import('node:http').ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Who may call: everybody, everybody but known when a token is sent, or who holds a permission.
     * A route without it does not start.
     */
    access?: 'public' | 'optional' | Permission
    /** The codes with which the route itself refuses, for the documentation; the common ones are added. */
    refusals?: readonly ProblemCode[]
    /** The route honours Idempotency-Key. */
    idempotent?: boolean
    /** The route takes a stream ticket in `?ticket=` in place of the header. */
    ticket?: 'qr' | 'events'
    /** Leaving the body out is the same as an empty object. */
    bodyOptional?: boolean
    /** Other names of fields of the body, and the proper ones. */
    aliases?: Readonly<Record<string, string>>
    /** Answers while the server closes. */
    whileClosing?: boolean
  }
}

interface DocumentedSchema {
  body?: unknown
  querystring?: unknown
  params?: unknown
  security?: unknown
  response?: Record<string, unknown>
}

/**
 * For long lists: the answer as it is, not read through its schema again. Only where the handler writes every field by itself, so that
 * nothing else can slip in; its types are checked against the schema all the same.
 */
export const asItIs = () => (answer: unknown) => JSON.stringify(answer)

/** Prepares the scope of the API: zod at the border, and declarations checked. Its compilers stay in this scope. */
export function apiScope(app: FastifyInstance): Api {
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.addHook('onRoute', (route) => {
    const access = route.config?.access
    if (access === undefined) throw new Error(`route ${route.method} ${route.url} does not say who may call it`)
    route.schema ??= {}
    const schema = route.schema as DocumentedSchema
    if (access !== 'public') {
      const ways: Record<string, string[]>[] = [{ bearer: [] }]
      if (access === 'optional') ways.unshift({})
      if (route.config?.ticket !== undefined) ways.push({ ticket: [] })
      schema.security = ways
    }
    const codes = [...commonRefusals(schema, route.config ?? {}), ...(route.config?.refusals ?? [])]
    schema.response = { ...problemResponses(codes), ...schema.response }
  })
  return app.withTypeProvider<ZodTypeProvider>()
}

function commonRefusals(schema: DocumentedSchema, config: FastifyContextConfig): ProblemCode[] {
  const { access, idempotent, whileClosing } = config
  if (whileClosing === true) return ['internal']
  const codes: ProblemCode[] = ['rate-limited', 'internal', 'database-unavailable', 'shutting-down']
  if (access === 'optional') codes.push('token-invalid', 'token-expired', 'token-revoked')
  else if (access !== 'public')
    codes.push('unauthenticated', 'token-invalid', 'token-expired', 'token-revoked', 'forbidden', 'account-disabled')
  if (schema.body !== undefined)
    codes.push('malformed-json', 'validation-failed', 'payload-too-large', 'unsupported-media-type')
  if (schema.querystring !== undefined) codes.push('invalid-parameter')
  if (schema.params !== undefined) codes.push('not-found')
  if (idempotent === true) codes.push('request-in-progress', 'idempotency-key-reused')
  return codes
}

function problemResponses(codes: readonly ProblemCode[]): Record<string, unknown> {
  const byStatus = Map.groupBy(new Set(codes), (code) => PROBLEMS[code].status)
  const response = (some: readonly ProblemCode[]) => ({
    description: some.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' '),
    content: { 'application/problem+json': { schema: problemSchema } },
  })
  return Object.fromEntries([...byStatus].sort(([a], [b]) => a - b).map(([status, some]) => [status, response(some)]))
}
