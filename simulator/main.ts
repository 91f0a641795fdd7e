// The simulator as a process of its own: `npm run simulator`, for people, or with --json for scripts.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Control, startControl } from './control.ts'
import { type Simulator, startSimulator } from './index.ts'

const USAGE = 'Usage: npm run simulator -- [--json] [--port N] [--control-port N] [--media-ca FILE]'
const LAST_PORT = 65_535

interface Settings {
  readonly json: boolean
  readonly port: number
  readonly controlPort: number
  /** Where to write the certificate that a server needs for files. */
  readonly mediaCa: string | undefined
}

const portOf = (name: string, written: string | undefined): number => {
  const port = Number(written ?? 0)
  if (!Number.isInteger(port) || port < 0 || port > LAST_PORT) {
    throw new Error(`--${name} must be a whole number from 0 to ${LAST_PORT}, where 0 takes a free port.`)
  }
  return port
}

const readArguments = (): Settings => {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean' },
      port: { type: 'string' },
      'control-port': { type: 'string' },
      'media-ca': { type: 'string' },
    },
  })
  const { json = false, port, 'control-port': controlPort, 'media-ca': mediaCa } = values
  return { json, port: portOf('port', port), controlPort: portOf('control-port', controlPort), mediaCa }
}

const introduce = (sim: Simulator, control: Control, mediaCa: string | undefined): string => `
A WhatsApp that runs on this machine alone. Point the server at it before it starts:

  WHATSAPP_SOCKET_URL=${sim.url}
  WHATSAPP_TRUST_ROOT=${sim.trustRoot}
${mediaCa === undefined ? '' : `  WHATSAPP_MEDIA_CA=${mediaCa}\n`}
Then play the phone and the customers:

  curl -X POST ${control.url}/phones/15550001000/scan    -H 'content-type: application/json' -d '{"qr":"the text of the QR"}'
  curl -X POST ${control.url}/customers/15550002001/send -H 'content-type: application/json' -d '{"to":"15550001000","text":"hi"}'
  curl ${control.url}/customers/15550002001/inbox
  curl ${control.url}/log

Nothing is kept: when it ends, every linked device is forgotten. Ctrl-C ends it.
`

const explain = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return 'The port is taken: choose another one, or leave it out and a free one is taken.'
  return code?.startsWith('ERR_PARSE_ARGS') ? `${message}. ${USAGE}` : message
}

const run = async (): Promise<void> => {
  const settings = readArguments()
  const sim = await startSimulator({ port: settings.port })
  if (settings.mediaCa !== undefined) writeFileSync(settings.mediaCa, sim.mediaCa)
  const control = await startControl(sim, settings.controlPort)
  const stop = (): void => {
    void Promise.all([control.close(), sim.close()]).then(() => process.exit(0))
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  const line = JSON.stringify({ url: sim.url, trustRoot: sim.trustRoot, control: control.url })
  console.log(settings.json ? line : introduce(sim, control, settings.mediaCa))
}

run().catch((error: unknown) => {
  console.error(explain(error))
  process.exit(1)
})
