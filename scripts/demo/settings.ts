// With which settings the demo's server runs: its own, and of the operator's none. A database that a `.env` names is never touched.

import { SETTINGS } from '../../src/config.ts'
import { SHOP } from './cast.ts'

/** A value that counts as left out, and still wins over the same variable in a `.env`. */
const LEFT_OUT = '# left out by the demo'

export interface ServerSettings {
  readonly dataDir: string
  readonly simulator: { readonly url: string; readonly trustRoot: string }
  /** 0 takes a free port; left out, PORT counts as in a normal start. */
  readonly port?: 0
  readonly now: Date
}

/** A zone in which it is noon: what is counted by the day counts on, and does not begin anew while the story is told. */
export function noonZone(now: Date): string {
  const east = 12 - now.getUTCHours()
  // The database of zones has its signs the other way round.
  return `Etc/GMT${east > 0 ? '-' : '+'}${Math.abs(east)}`
}

/** The environment of the server's process. */
export function serverEnvironment({ dataDir, simulator, port, now }: ServerSettings): NodeJS.ProcessEnv {
  const none = Object.fromEntries(Object.values(SETTINGS).map(({ variable }) => [variable, LEFT_OUT]))
  const chosen = port === undefined ? process.env['PORT'] : String(port)
  return {
    ...process.env,
    ...none,
    PORT: chosen,
    DATA_DIR: dataDir,
    ORGANIZATION_NAME: SHOP.name,
    ORGANIZATION_CONTACT: SHOP.contact,
    TIMEZONE: noonZone(now),
    WHATSAPP_SOCKET_URL: simulator.url,
    WHATSAPP_TRUST_ROOT: simulator.trustRoot,
    // The server ends when this process is gone, as it does under `npm start`.
    npm_lifecycle_event: 'demo',
  }
}
