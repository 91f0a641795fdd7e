import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { freeze, thaw } from '../../../scripts/crash/frozen.ts'
import { until } from '../../support/until.ts'

const stateOf = (pid: number) => /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]

t.test('a frozen program and its children do nothing until they are thawed', async (t) => {
  const script = `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    process.on('exit', () => child.kill('SIGKILL')); process.on('SIGTERM', () => process.exit())
    console.log(child.pid); setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(parent, 'close')
  const pid = parent.pid ?? 0
  const [said] = await once(parent.stdout, 'data')
  const child = Number(String(said))
  freeze(pid)
  await until('both are stopped', () => stateOf(pid) === 'T' && stateOf(child) === 'T')
  thaw(pid)
  await until('both go on', () => stateOf(pid) !== 'T' && stateOf(child) !== 'T')
  parent.kill('SIGTERM')
  await ended
  t.doesNotThrow(() => thaw(pid), 'one that is gone is left alone')
})
