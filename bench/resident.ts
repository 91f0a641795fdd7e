// The memory of a process and all it started, shared pages counted once. Linux only.

import { readdir, readFile } from 'node:fs/promises'

/** @returns MB; NaN where the system does not tell */
export async function residentMb(root: number): Promise<number> {
  const pids = (await readdir('/proc').catch(() => [])).map(Number).filter((pid) => pid > 0)
  const parents = new Map<number, number>()
  for (const pid of pids) parents.set(pid, await parentOf(pid))
  const family = pids.filter((pid) => descends(pid, root, parents))
  const sizes = await Promise.all(family.map(proportionalKb))
  return family.length === 0 ? Number.NaN : sizes.reduce((sum, size) => sum + size, 0) / 1024
}

function descends(pid: number, root: number, parents: ReadonlyMap<number, number>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 0; at = parents.get(at)) if (at === root) return true
  return false
}

async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return Number(stat.slice(stat.lastIndexOf(')') + 1).split(' ')[2] ?? 0)
}

async function proportionalKb(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0)
}
