// Ends the node when the npm that started it is gone: a killed npm must not leave a server behind that nobody sees.

import { readFileSync } from 'node:fs'

const LOOK_MS = 500

/** Calls `gone` once when this process, or the shell that npm put above it, got another parent. */
export function followParent(gone: () => void): void {
  const first = lineage()
  const timer = setInterval(() => {
    if (lineage() === first) return
    clearInterval(timer)
    gone()
  }, LOOK_MS)
  timer.unref()
}

/** The pids of parent and grandparent; of the parent alone where the system does not show more. */
function lineage(): string {
  const parent = process.ppid
  try {
    const stat = readFileSync(`/proc/${parent}/stat`, 'utf8')
    // "pid (name) state ppid …": the name may hold anything, so count from its end.
    return `${parent} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]}`
  } catch {
    return String(parent)
  }
}
