// GET / is the API documentation as one page without scripts, made of the OpenAPI document; /openapi.json is that document.

import type { Api } from '../api.ts'
import { documentationPage, type OpenApiDocument } from '../documentation-page.ts'

export function docsRoutes(api: Api): void {
  const config = { access: 'public', rateLimit: false, whileClosing: true } as const
  let page: string | undefined

  api.get('/', { config, schema: { hide: true } }, async (_request, reply) => {
    page ??= documentationPage(api.swagger() as OpenApiDocument)
    // Its own style and nothing else: no scripts, nothing from elsewhere.
    return reply
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
      )
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(page)
  })

  api.get('/openapi.json', { config, schema: { hide: true } }, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(JSON.stringify(api.swagger())),
  )
}
