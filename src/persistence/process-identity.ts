// Tells whether a process remembered by its id is still that process: ids are used again, above all in containers.

import { readFileSync } from 'node:fs'

/** When the process started, in the kernel's own unit; null when it is gone or the system has no /proc. */
export function startTimeOf(pid: number): string | null {
  return statOf(pid)?.startTime ?? null
}

/**
 * True while that process runs. With a start time another process under the same id does not count.
 * A dead one that nobody has collected yet (a zombie) is not alive.
 */
export function isAlive(pid: number, startTime: string | null = null): boolean {
  if (!signalReaches(pid)) return false
  const stat = statOf(pid)
  if (stat === null) return true
  if (stat.state === 'Z' || stat.state === 'X') return false
  return startTime === null || stat.startTime === startTime
}

function signalReaches(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

// proc(5): the name is in brackets and may hold anything; after the last bracket come state (3rd field) … starttime (22nd).
function statOf(pid: number): { state: string; startTime: string } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [state, startTime] = [fields[0], fields[19]]
    return state === undefined || startTime === undefined ? null : { state, startTime }
  } catch {
    return null
  }
}
