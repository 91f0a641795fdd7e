// Draws an OpenAPI document as one HTML page that needs no script and no network: each route with its parameters, body, answers and
// refusals, and at the top the main job by curl.

import { shapeText } from './schema-text.ts'

interface Content {
  readonly schema?: unknown
}

interface Operation {
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly security?: readonly Readonly<Record<string, unknown>>[]
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly description?: string
    readonly schema?: unknown
  }[]
  readonly requestBody?: { readonly content?: Readonly<Record<string, Content>> }
  readonly responses?: Readonly<
    Record<string, { readonly description?: string; readonly content?: Readonly<Record<string, Content>> }>
  >
}

/** The part of an OpenAPI document that the page shows. */
export interface OpenApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string }
  readonly tags?: readonly { readonly name: string }[]
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>> | undefined>>
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> }
}

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
h1{margin-bottom:0}h2{border-bottom:2px solid;margin-top:2.5rem}h3{margin:2rem 0 .25rem;font-size:1.05rem}code,pre{font:.9rem/1.45 ui-monospace,monospace}
pre{overflow:auto;padding:.75rem;border:1px solid #8886;border-radius:.4rem;background:#8881}b.m{display:inline-block;min-width:4.2rem}
nav a{margin-right:1rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0}
details{margin:.4rem 0}.lock{opacity:.7;font-size:.85rem}`

/** The whole page. Everything that comes from the document is escaped. */
export function documentationPage(document: OpenApiDocument): string {
  const { title, version, description = '' } = document.info
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods ?? {}).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const tags = (document.tags ?? []).map(({ name }) => name)
  const schemas = document.components?.schemas ?? {}
  const sections = tags.map((tag) => {
    const own = operations.filter(({ operation }) => operation.tags?.includes(tag))
    return `<h2 id="${anchor(tag)}">${html(tag)}</h2>${own.map((each) => section(each, schemas)).join('')}`
  })
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${html(title)} – API</title><style>${STYLE}</style></head><body>
<h1>${html(title)} API</h1><p>Version ${html(version)}. The same for programs: <a href="/openapi.json">/openapi.json</a>. State: <a href="/health">/health</a>.</p>
${paragraphs(description)}
<h2 id="start">The main job</h2><pre>${html(WALK)}</pre>
<nav>${tags.map((tag) => `<a href="#${anchor(tag)}">${html(tag)}</a>`).join('')}</nav>
${sections.join('\n')}
</body></html>
`
}

const WALK = `curl -X POST localhost:5000/api/auth/signup -H 'content-type: application/json' \\
  -d '{"email":"user@company.com","password":"securepassword","role":"admin"}'
curl -X POST localhost:5000/api/auth/login -H 'content-type: application/json' \\
  -d '{"email":"user@company.com","password":"securepassword"}'        # gives the token
curl -X POST localhost:5000/api/whatsapp/connect -H "authorization: Bearer $TOKEN"
curl -N localhost:5000/api/whatsapp/qr -H "authorization: Bearer $TOKEN"   # scan with the phone
curl -X POST localhost:5000/api/whatsapp/contact/add -H "authorization: Bearer $TOKEN" \\
  -H 'content-type: application/json' -d '{"phoneNumber":"+1234567890","name":"Customer Name"}'`

function section(
  { path, method, operation }: { path: string; method: string; operation: Operation },
  schemas: Readonly<Record<string, unknown>>,
): string {
  const json = (content: Readonly<Record<string, Content>> | undefined) =>
    Object.entries(content ?? {}).map(
      ([type, { schema }]) => `<pre>${html(`${type}\n${shapeText(schema, schemas)}`)}</pre>`,
    )
  const parameters = (operation.parameters ?? []).map(
    (each) =>
      `<tr><td><code>${html(each.name)}</code>${each.required === true ? '' : ' (optional)'}</td><td>${html(each.in)}</td><td><code>${html(shapeText(each.schema, schemas))}</code></td><td>${inline(each.description ?? '')}</td></tr>`,
  )
  const answers = Object.entries(operation.responses ?? {}).map(([status, { description = '', content }]) => {
    const problem = Object.keys(content ?? {}).includes('application/problem+json')
    return problem
      ? `<p><b>${status}</b> ${inline(description)}</p>`
      : `<p><b>${status}</b></p>${json(content).join('')}`
  })
  return `<h3><b class="m">${method}</b> <code>${html(path)}</code></h3>
<p>${html(operation.summary ?? '')}${lock(operation)}</p>${paragraphs(operation.description ?? '')}
${parameters.length === 0 ? '' : `<table>${parameters.join('')}</table>`}
${operation.requestBody === undefined ? '' : `<details><summary>Body</summary>${json(operation.requestBody.content).join('')}</details>`}
<details><summary>Answers</summary>${answers.join('')}</details>`
}

function lock({ security }: Operation): string {
  if (security === undefined || security.length === 0) return ' <span class="lock">(public)</span>'
  const optional = security.some((way) => Object.keys(way).length === 0)
  return ` <span class="lock">(${optional ? 'token optional' : 'needs a token'})</span>`
}

function paragraphs(text: string): string {
  return text
    .split(/\n{2,}/)
    .filter((part) => part.trim() !== '')
    .map((part) => `<p>${inline(part)}</p>`)
    .join('')
}

function inline(text: string): string {
  return html(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

function anchor(tag: string): string {
  return encodeURIComponent(tag.toLowerCase())
}

function html(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
