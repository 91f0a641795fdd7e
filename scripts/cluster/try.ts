// What a person can do with a cluster that runs: its addresses, and lines of curl that show one node asked for another's session, a session
// that moves, and a node that dies.

import type { KeptNode } from './keeper.ts'

const HEAD = ['', 'What to try:'] as const

/** @param token of an admin, when there is one already; @param user whose session is shown */
export function whatToTry(
  nodes: readonly KeptNode[],
  admin?: { readonly token: string; readonly user: string },
): string[] {
  const [first, second] = nodes
  const last = nodes.at(-1)
  if (first === undefined || last === undefined) return []
  const auth = '-H "authorization: Bearer $TOKEN"'
  const sign = [
    '  The first account is the admin:',
    `    curl -X POST ${first.url}/api/auth/signup -H 'content-type: application/json' \\`,
    `      -d '{"email":"you@company.com","password":"a long password","role":"admin"}'`,
    '    TOKEN=…   # the token of the answer; README.md goes on from here, at any of the nodes',
  ]
  const some = admin?.user ?? 'ID_OF_A_USER'
  return [
    ...HEAD,
    ...(admin === undefined ? sign : [`  TOKEN=${admin.token}`]),
    '  Any node answers for any account:',
    ...nodes.map(({ url }) => `    curl ${url}/api/whatsapp/status ${auth}`),
    '  The nodes, and where the sessions are:',
    `    curl ${first.url}/api/admin/cluster ${auth}`,
    `    curl ${first.url}/api/whatsapp/sessions/active ${auth}`,
    ...(second === undefined
      ? []
      : [
          '  Move one:',
          `    curl -X POST ${first.url}/api/admin/sessions/${some}/move ${auth} -H 'content-type: application/json' -d '{"node":"${second.name}"}'`,
        ]),
    '  Kill a node: its sessions go on elsewhere, and it is started again:',
    ...nodes.map((node) => `    kill -9 ${node.pid() ?? '…'}   # ${node.name}`),
    '',
    'Ctrl-C ends all of it in order.',
  ]
}
