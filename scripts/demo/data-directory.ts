// A data directory for one run, and its removal with everything the server left: nothing of a demo outlives it.

import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serverAccount } from '../../src/persistence/embedded/account.ts'
import { findLocation } from '../../src/persistence/embedded/location.ts'
import { runningPostmaster, stopPostmaster } from '../../src/persistence/embedded/postmaster.ts'

/** @returns the path of a fresh directory */
export async function makeDataDirectory(): Promise<string> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'whatsapp-erp-demo-')))
  // As root the bundled PostgreSQL runs under another account, which must come in. What is secret in there is closed by itself.
  await chmod(path, 0o755)
  return path
}

/** Ends the PostgreSQL that a killed server left there, and removes the directory. The server itself must be gone. */
export async function removeDataDirectory(path: string): Promise<void> {
  const location = await findLocation(path, serverAccount())
  const left = runningPostmaster(location)
  if (left !== null) await stopPostmaster(left)
  for (const each of [location.home, path]) await rm(each, { recursive: true, force: true, maxRetries: 5 })
}
