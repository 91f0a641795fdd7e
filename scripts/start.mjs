// What `npm start` runs: plain JavaScript that any Node understands, so that a Node which is too old gets a sentence instead of a
// syntax error. npm puts the Node of this package first in the PATH; only platforms that have none run with the machine's own.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `Cannot start: this is Node ${process.versions.node}, and the system needs Node 24. Run it through npm (npm ci && npm start), ` +
      'which brings its own Node on Linux and Windows, or install Node 24.\n',
  )
  process.exit(1)
}
if (process.argv.includes('--demo')) await import('./play.ts')
else await import('../src/main.ts')
