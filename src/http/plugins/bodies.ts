// What a request may carry: JSON and nothing else, and no NUL character anywhere, which the database could not store.

import type { FastifyInstance } from 'fastify'

export function bodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text: string, done) => {
    // Clients that always send the header, also without a body.
    if (text.trim() === '') done(null, undefined)
    else parse(request, text, done)
  })

  app.addHook('preValidation', async (request, reply) => {
    if (!hasNul(request.body) && !hasNul(request.query) && !hasNul(request.params)) return
    return reply.refuse({
      code: hasNul(request.body) ? 'validation-failed' : 'invalid-parameter',
      message: 'The request holds a NUL character (\\u0000), which cannot be stored. Leave it out.',
    })
  })
}

function hasNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0')
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([name, inner]) => name.includes('\0') || hasNul(inner))
}
