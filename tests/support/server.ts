// Which PostgreSQL the tests use: the one of the run (scripts/test.ts), else DATABASE_URL, else a bundled one that is started by the
// first test file run by itself and stays for the next (`npm test -- --stop-server` ends it).

import { createHash, randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { lockDataDir } from '../../src/persistence/data-dir.ts'
import { type Embedded, startEmbedded } from '../../src/persistence/embedded.ts'
import { ensureTemplate } from './template.ts'

/** Set by scripts/test.ts for the whole run. */
export const ADMIN_URL_VARIABLE = 'WA_ERP_TEST_ADMIN_URL'
export const TEMPLATE_VARIABLE = 'WA_ERP_TEST_TEMPLATE'

const LOCK_WAIT_MS = 60_000
const SILENT = { info: () => {}, warn: () => {} }

export interface TestServer {
  /** May create and drop databases. */
  readonly adminUrl: string
  readonly template: string
}

let server: Promise<TestServer> | null = null

/** The server, with its template; found or started once a process. */
export function testServer(): Promise<TestServer> {
  server ??= find()
  return server
}

async function find(): Promise<TestServer> {
  const { [ADMIN_URL_VARIABLE]: adminUrl, [TEMPLATE_VARIABLE]: template, DATABASE_URL: given } = process.env
  if (adminUrl && template) return { adminUrl, template }
  if (given) return { adminUrl: given, template: await ensureTemplate(given) }
  return withShared(async (embedded) => ({
    adminUrl: embedded.tcpUrl,
    template: await ensureTemplate(embedded.tcpUrl),
  }))
}

/** Starts or finds the bundled server of this checkout; one process at a time. */
export async function withShared<T>(work: (embedded: Embedded) => Promise<T>): Promise<T> {
  const checkout = resolve(import.meta.dirname, '../..')
  const key = createHash('sha256').update(checkout).digest('hex').slice(0, 12)
  const dataDir = join(tmpdir(), `whatsapp-erp-test-${process.getuid?.() ?? 0}-${key}`)
  const lock = await lockDataDir(dataDir, { waitMs: LOCK_WAIT_MS, incarnation: randomUUID() })
  try {
    const stateRoot = join(tmpdir(), `whatsapp-erp-test-state-${process.getuid?.() ?? 0}`)
    return await work(await startEmbedded({ dataDir, log: SILENT, noSync: true, reuse: true, stateRoot }))
  } finally {
    lock.release()
  }
}
