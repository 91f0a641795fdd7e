// What a start says to the person who typed the command: where it is, and on the first day what to do next.

import type { Config } from './config.ts'

interface Started {
  readonly url: string
  readonly fresh: boolean
  readonly madeSecrets: readonly string[]
}

/** @returns lines for a terminal, with a line break at the end */
export function welcome(node: Started, config: Config): string {
  const lines = [`WhatsApp ERP is up: ${node.url} (API documentation), health at ${node.url}/health`]
  if (node.madeSecrets.length > 0)
    lines.push(
      `Secrets were made and are kept in ${config.dataDir}: back that directory up, they cannot be made again.`,
    )
  if (config.whatsappSocketUrl !== null)
    lines.push('A test server stands in for WhatsApp (WHATSAPP_SOCKET_URL is set).')
  if (node.fresh) lines.push('', ...firstSteps(node.url, config))
  return `${lines.join('\n')}\n`
}

function firstSteps(url: string, config: Config): readonly string[] {
  const token = config.setupToken === null ? '' : ` -H "X-Setup-Token: $SETUP_TOKEN"`
  return [
    'Nobody has signed up yet. The first account may be the admin:',
    `  curl -X POST ${url}/api/auth/signup -H 'Content-Type: application/json'${token} \\`,
    `    -d '{"email":"you@company.com","password":"a long password","role":"admin"}'`,
    'Then, with the token of the answer:',
    `  curl -X POST ${url}/api/whatsapp/connect -H "Authorization: Bearer $TOKEN"`,
    `  curl -N ${url}/api/whatsapp/qr -H "Authorization: Bearer $TOKEN"   # scan the QR with the phone`,
    'README.md goes on from here. To try it without a phone: npm start -- --demo',
  ]
}
