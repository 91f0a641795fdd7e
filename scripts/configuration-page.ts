// Writes docs/configuration.md from the table of settings: `node scripts/configuration-page.ts`. A test keeps the page current.

import { writeFileSync } from 'node:fs'
import { SETTINGS } from '../src/config.ts'

/** The page as Markdown, one row a setting. */
export function configurationPage(): string {
  const rows = Object.values(SETTINGS).map(({ variable, unit, default: fallback, sentence }) => {
    const shown = fallback === null ? '(none)' : fallback === '' ? '(empty)' : `\`${fallback}\``
    return `| \`${variable}\` | ${unit} | ${shown} | ${sentence} |`
  })
  return `# Configuration

Every setting is a variable of the environment, or a line of a \`.env\` file beside \`cluster.config.ts\` (the environment wins). Values may
carry a comment behind white space: \`SESSION_CLEANUP_INTERVAL=300000  # 5 minutes\`. A value that cannot be used stops the start with a
sentence that names the variable. A name in \`.env\` that is no setting is warned of in the log; in the environment it is not. \`cluster.config.ts\`
is the operator's file and the only reader of the environment.

| variable | unit | default | what it sets |
|---|---|---|---|
${rows.join('\n')}

In production (\`NODE_ENV=production\`) \`JWT_SECRET\`, \`AUTH_ENCRYPTION_KEY\` and \`SETUP_TOKEN\` must be given; elsewhere the first two are made
on the first start and kept in \`DATA_DIR\` with mode 0600. Back \`DATA_DIR\` up: without the encryption key every account has to be paired again.

Several nodes share one database (\`DATABASE_URL\`), and the same \`CLUSTER_SECRET\`, \`JWT_SECRET\` and \`AUTH_ENCRYPTION_KEY\`. \`REDIS_URL\` lets them
plan faster and may be left out; \`INTERNAL_PORT\` is for the nodes among themselves and stays closed to everybody else.

What decides over time (QR and keep-alive times, pacing, retries, rate limits, leases, retention) is not configuration but policy: one
object in \`src/policy.ts\`, with units in the names.
`
}

if (process.argv[1] === import.meta.filename)
  writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationPage())
