// A program with children, stopped in the middle of what it does and let go on again, as a machine that hangs would. Needs /proc.

import { readdirSync, readFileSync } from 'node:fs'

/** Its children last, so that it makes no new ones meanwhile. */
export function freeze(pid: number): void {
  signal(pid, 'SIGSTOP')
  for (const child of childrenOf(pid)) signal(child, 'SIGSTOP')
}

/** Does nothing to a program that is not frozen, or gone. */
export function thaw(pid: number): void {
  for (const child of childrenOf(pid)) signal(child, 'SIGCONT')
  signal(pid, 'SIGCONT')
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended by itself meanwhile.
  }
}

/** PostgreSQL gives each of its processes a group of its own, so the group's number is no help. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent)
}

function parentOf(pid: number): number | null {
  try {
    // After the name, which is in brackets and may hold anything: the state, then the parent.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return null
  }
}
