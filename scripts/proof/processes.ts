// The processes of a trial: the simulator and the server, each with a directory or port of its own. Who kills them when is trial.ts.

import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SETTINGS } from '../../src/config.ts'
import { launch, type Program } from '../demo/processes.ts'
import { RELAXED_SETTINGS } from './relaxed.ts'

/** Programs that are started again and again start faster with their code compiled; shared by all runs of this checkout. */
const COMPILED = { NODE_COMPILE_CACHE: join(tmpdir(), `whatsapp-erp-crash-compiled-${process.getuid?.() ?? 0}`) }
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const START_WITHIN_MS = 60_000

export interface SimulatorProcess {
  readonly program: Program
  readonly url: string
  readonly trustRoot: string
  readonly control: string
}

export interface ServerProcess {
  readonly program: Program
  /** Its address, once it listens. Rejects when it ends before that. */
  readonly up: Promise<string>
}

const directories = new Set<string>()
const programs = new Set<Program>()

export async function makeRunDirectory(): Promise<string> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'whatsapp-erp-crash-')))
  directories.add(path)
  return path
}

export async function removeRunDirectory(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5 })
  directories.delete(path)
}

/** Kills what still runs and removes what it left. For a run that is interrupted; nothing may be started after it. */
export async function clearAway(): Promise<void> {
  await Promise.all([...programs].map((program) => program.kill()))
  for (const path of [...directories]) await removeRunDirectory(path)
}

function watched(program: Program): Program {
  programs.add(program)
  void program.ended.then(() => programs.delete(program))
  return program
}

/** Nothing of the operator's own settings is used. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const ours = new Set(Object.values(SETTINGS).map(({ variable }) => variable as string))
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.has(name)))
}

export async function startSimulatorProcess(): Promise<SimulatorProcess> {
  const args = ['--import', './scripts/demo/follow-parent.ts', 'simulator/main.ts', '--json']
  const program = watched(launch({ name: 'the simulator', args, cwd: ROOT, env: { ...process.env, ...COMPILED } }))
  const [said] = await program.line('The simulator starts', /^\{.*"control".*\}$/, START_WITHIN_MS)
  return { program, ...(JSON.parse(said) as Omit<SimulatorProcess, 'program'>) }
}

/** @param env settings of this server; @param args see server.ts; @param root of the checkout whose program it is, this one if left out */
export function startServerProcess(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  root = ROOT,
): ServerProcess {
  const program = watched(
    launch({
      name: 'the server',
      args: ['scripts/crash/server.ts', ...args],
      cwd: root,
      env: {
        ...cleanEnvironment(),
        ...COMPILED,
        NODE_ENV: 'test',
        PORT: '0',
        LOG_LEVEL: 'warn',
        ...RELAXED_SETTINGS,
        ...env,
      },
    }),
  )
  const up = program.line('The server starts', /^\{"url":"(.+)"\}$/, START_WITHIN_MS).then(([, url]) => url ?? '')
  up.catch(() => undefined)
  return { program, up }
}
