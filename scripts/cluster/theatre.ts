// The demo of a cluster: a simulated WhatsApp in a process of its own, and a shop that is open with its account linked.

import { fileURLToPath } from 'node:url'
import { connectSimulator, type RemoteSimulator } from '../../simulator/remote.ts'
import { SETTINGS } from '../../src/config.ts'
import { makeApi } from '../demo/api.ts'
import { AMAL, CUSTOMERS, SHOP } from '../demo/cast.ts'
import { launch, type Program } from '../demo/processes.ts'
import { addContacts, fillShelves, signUpOwner } from '../demo/shop.ts'
import { pairOne } from '../proof/stage.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const START_WITHIN_MS = 60_000
/** A value that counts as left out, and still wins over the same variable in a `.env`. */
const LEFT_OUT = '# left out by the demo'

export interface Theatre {
  readonly program: Program
  readonly control: string
  readonly sim: RemoteSimulator
  /** For the nodes: of the operator's settings none, and WhatsApp is the simulated one. */
  readonly env: Readonly<Record<string, string>>
}

export async function openTheatre(): Promise<Theatre> {
  const args = ['--import', './scripts/demo/follow-parent.ts', 'simulator/main.ts', '--json']
  const program = launch({ name: 'the simulator', args, cwd: ROOT, env: process.env, ownGroup: true })
  const [said] = await program.line('The simulator starts', /^\{.*"control".*\}$/, START_WITHIN_MS)
  const { url, trustRoot, control } = JSON.parse(said) as { url: string; trustRoot: string; control: string }
  const none = Object.fromEntries(Object.values(SETTINGS).map(({ variable }) => [variable, LEFT_OUT]))
  return {
    program,
    control,
    sim: connectSimulator(control),
    env: {
      ...none,
      ORGANIZATION_NAME: SHOP.name,
      ORGANIZATION_CONTACT: SHOP.contact,
      WHATSAPP_SOCKET_URL: url,
      WHATSAPP_TRUST_ROOT: trustRoot,
    },
  }
}

/** Opens the shop through a node. @returns the owner, and lines about what a customer can do */
export async function openShop({ sim, control }: Theatre, url: string) {
  const nobody = makeApi(() => url)
  const { token, user } = await signUpOwner(nobody)
  const api = nobody.as(token)
  const { products } = await fillShelves(api)
  await addContacts(api, CUSTOMERS)
  const digits = (phone: string) => phone.slice(1)
  await pairOne(sim, url, digits(SHOP.phone), token)
  const json = `-H 'content-type: application/json'`
  return {
    token,
    user: user.id,
    lines: [
      `${SHOP.name} is open: ${products} products, its WhatsApp account is linked, ${CUSTOMERS.map(({ name }) => name).join(', ')} are contacts.`,
      'A customer writes, and reads what came back:',
      `  curl -X POST ${control}/customers/${digits(AMAL.phone)}/send ${json} \\`,
      `    -d '{"to":"${digits(SHOP.phone)}","text":"ORDER Blue Mug:1","addressing":"${AMAL.addressing}"}'`,
      `  curl ${control}/customers/${digits(AMAL.phone)}/inbox`,
    ],
  }
}
