// The OpenAPI document, made of what the routes declare. Served as /openapi.json; routes/docs.ts shows it to people.

import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { AppDeps } from '../deps.ts'

const DESCRIPTION = `Connect WhatsApp accounts, let a bot take orders, see conversations and orders.

Every error is a problem document with a stable \`code\` (RFC 9457). Lists answer \`{data, page: {limit, nextCursor}}\`; pass \`nextCursor\` as
\`cursor\` for the next page. Times are ISO 8601 in UTC, phone numbers E.164, money minor units with their currency. POST routes that create
or send take an \`Idempotency-Key\`.`

export const TAGS = [
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
      if (document.route.config?.idempotent !== true) return { url, schema }
      const headers = {
        type: 'object',
        properties: {
          'Idempotency-Key': {
            type: 'string',
            maxLength: 200,
            description: 'The same key again gives the first answer instead of a second effect, for 24 hours.',
          },
        },
      }
      return { url, schema: { ...schema, headers } }
    },
    transformObject: jsonSchemaTransformObject,
  })
}
