// The OpenAPI document, made of what the routes declare. Served as /openapi.json; routes/docs.ts shows it to people.

import { STATUS_CODES } from 'node:http'
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { AppDeps } from '../deps.ts'

const DESCRIPTION = `Connect WhatsApp accounts, let a bot take orders, see conversations and orders.

Every error is a problem document with a stable \`code\` (RFC 9457). Lists answer \`{data, page: {limit, nextCursor}}\`; pass \`nextCursor\` as
\`cursor\` for the next page. Times are ISO 8601 in UTC, phone numbers E.164, money minor units with their currency. POST routes that create
or send take an \`Idempotency-Key\`.`

const TAGS = [
  'Authentication',
  'WhatsApp',
  'Messages',
  'Conversations',
  'Contacts',
  'Catalogue',
  'Orders',
  'Admin',
  'Health',
]

/** Collects the routes; register it before them. */
export async function openapi(app: FastifyInstance, deps: Pick<AppDeps, 'version'>): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'WhatsApp ERP', version: deps.version, description: DESCRIPTION },
      tags: TAGS.map((name) => ({ name })),
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          ticket: { type: 'apiKey', in: 'query', name: 'ticket' },
        },
      },
    },
    transform: (document) => {
      const { url, schema } = jsonSchemaTransform(document)
      const { idempotent, bodyOptional } = document.route.config ?? {}
      return {
        url,
        schema: {
          ...schema,
          ...(idempotent === true ? { headers: IDEMPOTENCY_HEADERS } : {}),
          ...(bodyOptional === true ? { [BODY_OPTIONAL]: true } : {}),
        },
      }
    },
    transformObject: (document) => tidy(jsonSchemaTransformObject(document)),
  })
}

const IDEMPOTENCY_HEADERS = {
  type: 'object',
  properties: {
    'Idempotency-Key': {
      type: 'string',
      maxLength: 200,
      description: 'The same key again gives the first answer instead of a second effect, for 24 hours.',
    },
  },
}

/** Carries `bodyOptional` from a route to its operation. */
const BODY_OPTIONAL = 'x-body-optional'

type Finished = ReturnType<typeof jsonSchemaTransformObject>

interface Operation {
  [BODY_OPTIONAL]?: boolean
  requestBody?: { required?: boolean }
  responses?: Record<string, { description?: string }>
}

/** Says what the generator leaves out: bodies that are optional, answers in words, and no shapes that nobody refers to. */
function tidy(document: Finished): Finished {
  const operations = Object.values(document.paths ?? {}).flatMap((path) => Object.values(path ?? {})) as Operation[]
  for (const operation of operations) {
    if (operation[BODY_OPTIONAL] === true && operation.requestBody !== undefined) operation.requestBody.required = false
    delete operation[BODY_OPTIONAL]
    for (const [status, response] of Object.entries(operation.responses ?? {}))
      if (response.description === 'Default Response') response.description = STATUS_CODES[status] ?? ''
  }
  const schemas = 'components' in document ? (document.components?.schemas ?? {}) : {}
  const used = JSON.stringify(document.paths)
  for (const name of Object.keys(schemas))
    if (name.endsWith('Input') && !used.includes(`/${name}"`)) delete schemas[name]
  return document
}
