// GET /api/products/export and POST /api/products/import: the catalogue as a table, out and in. What rows mean is domain/catalogue; how tables
// are read and written is http/csv.

import { PassThrough } from 'node:stream'
import { z } from 'zod'
import { can } from '../../domain/access.ts'
import { ok, type Refusal, type Result, refuse } from '../../domain/result.ts'
import { appendAudit } from '../../persistence/audit.ts'
import { exportCatalogue } from '../../persistence/catalogue-export.ts'
import { type ImportPace, importCatalogue } from '../../persistence/catalogue-import.ts'
import { isDuplicate } from '../../persistence/database.ts'
import type { User } from '../../persistence/users.ts'
import type { Api } from '../api.ts'
import { writeTable } from '../csv/write.ts'
import type { AppDeps } from '../deps.ts'
import { problemDocument } from '../errors.ts'
import { type ImportRows, readImportRows } from '../import-rows.ts'
import { fieldErrorsOf, importView } from '../import-view.ts'
import { callerOf } from '../plugins/auth.ts'
import { fileOf } from '../plugins/uploads.ts'
import { exportQuery, type ImportView, importAnswer, importForm, importQuery } from '../schemas/product-files.ts'

const NDJSON = 'application/x-ndjson'
const LOG_EVERY_ROWS = 5_000

type ImportCode = 'invalid-csv' | 'import-has-errors' | 'name-taken'
type Imported = Result<ImportView, ImportCode>

export function productExportRoutes(api: Api, deps: AppDeps): void {
  const { organization: org, policy } = deps

  api.get(
    '/api/products/export',
    {
      config: { access: 'stock:read' },
      schema: {
        tags: ['Catalogue'],
        summary: 'The catalogue as a table',
        description:
          'One row a variant, in the columns that the import reads: what is exported and imported again changes nothing.',
        querystring: exportQuery,
        response: { 200: { description: 'CSV in UTF-8.', content: { 'text/csv': { schema: z.unknown() } } } },
      },
    },
    async (request, reply) => {
      const { status } = request.query
      const file = await exportCatalogue(deps.db, org.id, { status }, policy.files.exportBatch)
      await appendAudit(deps.db, {
        id: deps.newId(),
        orgId: org.id,
        actorId: callerOf(request).id,
        action: 'catalogue.export',
        ip: request.ip,
        requestId: request.id,
      })
      const day = deps.now().toISOString().slice(0, 10)
      return reply
        .header('content-type', 'text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="catalogue-${day}.csv"`)
        .header('cache-control', 'private, no-store')
        .send(writeTable(file.header, file.rows))
    },
  )
}

/** The route that takes a file; registered where such bodies are read (plugins/uploads.ts). */
export function productImportRoutes(api: Api, deps: AppDeps): void {
  const { organization: org, policy } = deps
  const { importBreath, importBatch, importErrors } = policy.files

  api.post(
    '/api/products/import',
    {
      config: {
        access: 'products:write',
        idempotent: true,
        upload: { names: ['file', 'csv'], whole: 'text/csv' },
        refusals: ['invalid-csv', 'import-has-errors', 'name-taken', 'malformed-request'],
      },
      schema: {
        tags: ['Catalogue'],
        summary: 'Import products from a table',
        description:
          'CSV with commas, semicolons or tabs, matched by SKU. Try it with `dryRun=true` first. All of it is written or nothing; with `Accept: application/x-ndjson` the answer is a stream of lines that tell how far it is, the last of them the result.',
        consumes: ['text/csv', 'multipart/form-data'],
        querystring: importQuery,
        body: importForm,
        response: {
          200: {
            description: 'What was done, or would be.',
            content: { 'application/json': { schema: importAnswer }, [NDJSON]: { schema: z.unknown() } },
          },
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { dryRun = false, skipErrors = false } = request.query
      const read = await readImportRows(fileOf(request), org.currency, policy.files)
      if (!read.ok) return reply.refuse(read.refusal)
      const run = (progress: ImportPace['progress']) => carryOut(read.value, caller, { dryRun, skipErrors }, progress)
      const log = logged()
      if (!String(request.headers.accept ?? '').includes(NDJSON)) {
        const done = await run(log)
        return done.ok ? { import: done.value } : reply.refuse(done.refusal)
      }
      const lines = new PassThrough()
      const say = (line: object) => void (lines.destroyed || lines.write(`${JSON.stringify(line)}\n`))
      const problem = (refusal: Refusal<ImportCode | 'internal'>) =>
        say({ type: 'problem', problem: problemDocument(refusal, request.id) })
      void run((phase, rows, of) => {
        log(phase, rows, of)
        say({ type: 'progress', phase, rows, of })
      })
        .then((done) => (done.ok ? say({ type: 'result', import: done.value }) : problem(done.refusal)))
        .catch((error: unknown) => {
          request.log.error({ err: error }, 'import failed')
          problem({
            code: 'internal',
            message: 'Something went wrong on our side, and nothing was written. Try again.',
          })
        })
        .finally(() => lines.end())
      return reply.header('content-type', NDJSON).header('cache-control', 'no-store').send(lines)
    },
  )

  /** Says in the log how far a long file is. */
  function logged(): ImportPace['progress'] {
    let said = 0
    return (phase, rows, of) => {
      if (phase !== 'write' || rows - said < LOG_EVERY_ROWS) return
      said = rows
      deps.log.info({ rows, of }, 'import goes on')
    }
  }

  async function carryOut(
    { rows, unreadable, spoiled, skus, count }: ImportRows,
    caller: User,
    how: { readonly dryRun: boolean; readonly skipErrors: boolean },
    progress: ImportPace['progress'],
  ): Promise<Imported> {
    const mayArchive = can(caller, 'products:archive')
    const input = { org, actor: caller.id, mayArchive, rows, unreadable, spoiled, ...how }
    try {
      const outcome = await importCatalogue(deps.db, input, deps.newId, { importBatch, importBreath, progress })
      if (outcome.faults.length > 0 && !how.dryRun && !how.skipErrors) {
        const message = `${outcome.faults.length} places in the file are wrong, so nothing was written. Put them right, or import the rest with skipErrors=true.`
        return refuse('import-has-errors', message, { errors: fieldErrorsOf(outcome.faults, importErrors) })
      }
      return ok(importView(outcome, count, how.dryRun, (line) => skus.get(line) ?? ''))
    } catch (error) {
      // The tables' own rules saw what no row shows alone: two products that exchange their names, say.
      if (!isDuplicate(error)) throw error
      return refuse(
        'name-taken',
        'Names or SKUs of the file collide with others while they change. Import them in two steps.',
      )
    }
  }
}
