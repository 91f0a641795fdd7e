// What a request may carry: JSON and nothing else, and no NUL character anywhere, which the database could not store. Before it is
// checked, a body that may be left out becomes an empty object, and fields get their proper names.

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
    const inBody = hasNul(request.body)
    if (inBody || hasNul(request.query) || hasNul(request.params))
      return reply.refuse({
        code: inBody ? 'validation-failed' : 'invalid-parameter',
        message: 'The request holds a NUL character (\\u0000), which cannot be stored. Leave it out.',
      })
    const { aliases, bodyOptional } = request.routeOptions.config
    if (bodyOptional === true) request.body ??= {}
    if (aliases !== undefined) request.body = renamed(request.body, aliases)
  })
}

/** Looks through a value of any depth: without recursion, which a hostile depth would exhaust. */
export function hasNul(value: unknown): boolean {
  const left: unknown[] = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next === 'string' && next.includes('\0')) return true
    if (typeof next !== 'object' || next === null) continue
    for (const [name, inner] of Object.entries(next)) left.push(name, inner)
  }
  return false
}

/** Gives fields their proper names. Where the proper one is given as well both stay, and the other is refused as unknown. */
function renamed(body: unknown, aliases: Readonly<Record<string, string>>): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const given = new Set(Object.keys(body))
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => {
      const proper = aliases[name]
      return [proper === undefined || given.has(proper) ? name : proper, value]
    }),
  )
}
