// What `npm start` runs: plain JavaScript that any Node understands, so that a Node which is too old gets a sentence instead of a
// syntax error. npm puts the Node of this package first in the PATH; only platforms that have none run with the machine's own.

// Not by name: a Node that is too old has no such function, and has to get as far as the sentence below.
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `Cannot start: this is Node ${process.versions.node}, and the system needs Node 24. Run it through npm (npm ci && npm start), ` +
      'which brings its own Node on Linux and Windows, or install Node 24.\n',
  )
  process.exit(1)
}
const [strange] = process.argv.slice(2).filter((word) => word !== '--demo')
if (strange !== undefined) {
  process.stderr.write(
    `Cannot start: "${strange}" is no option. It is npm start, or npm start -- --demo; settings are variables of the environment ` +
      '(docs/configuration.md).\n',
  )
  process.exit(1)
}
// Most of a start is reading source: what was compiled once is kept beside the packages, where it may be written.
module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/node', import.meta.url)))

if (process.argv.includes('--demo')) await import('./play.ts')
else await import('../src/main.ts')
// A node that is killed would not write it at its end.
module.flushCompileCache()
