// Writes docs/metrics.md from the table of metrics: `node scripts/metrics-page.ts`. A test keeps the page current.

import { writeFileSync } from 'node:fs'
import { METERS } from '../src/meters.ts'
import { PREFIX } from '../src/prometheus.ts'

/** The page as Markdown, one row a metric. */
export function metricsPage(): string {
  const rows = Object.values(METERS).map(({ kind, name, labels, help, alert }) => {
    const shown = Object.entries(labels as Readonly<Record<string, readonly string[] | string>>).map(
      ([label, values]) => `\`${label}\`: ${typeof values === 'string' ? values : values.join(', ')}`,
    )
    return `| \`${PREFIX}${name}\` | ${kind} | ${shown.join('; ') || '–'} | ${help} | ${alert ?? '–'} |`
  })
  return `# Metrics

Every node shows its own at \`GET /metrics\` on its public port, in the text format of Prometheus: nodes that answer the API and workers
alike. With \`METRICS_TOKEN\` set, who reads sends it (\`Authorization: Bearer …\`). Without it they are read from the machine itself alone, and
not through a proxy: a request that says it was passed on is refused. A proxy on the same machine that adds no such header must not
forward \`/metrics\`; where there is one, set the token.

No label holds a phone number, a name, an id or a text: routes are patterns, and every other value comes from a list in \`src/meters.ts\`.
Counters begin at 0 with each start. Counting costs a look into a map; the database is asked one question at a scrape, at most once in
five seconds, however many look.

| metric | kind | labels | what it says | alert on |
|---|---|---|---|---|
${rows.join('\n')}

Beside these there are the usual ones of a process: \`process_*\` (processor, memory, file handles) and \`nodejs_*\` (event loop, heap,
garbage collection). \`up\` of the scrape itself says whether a node is there.

An example for \`prometheus.yml\`:

\`\`\`yaml
scrape_configs:
  - job_name: whatsapp-erp
    authorization: { credentials_file: /etc/prometheus/whatsapp-erp.token }
    static_configs:
      - targets: ['10.0.0.7:5000', '10.0.0.8:5000']
\`\`\`

How far away is a refusal? \`lease_slack_seconds\` is about 6 at a healthy node; it falls when the database or the event loop is slow, and at 0
the node closes its connections before anybody else may open them. Look at it, \`event_loop_lag_seconds\` and \`inbox_oldest_age_seconds\` first.
`
}

if (process.argv[1] === import.meta.filename)
  writeFileSync(new URL('../docs/metrics.md', import.meta.url), metricsPage())
