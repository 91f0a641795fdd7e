// Under which address the other nodes reach this one's internal listener. Where it listens is the settings' business (HOST, INTERNAL_PORT).

import type { NetworkInterfaceInfo } from 'node:os'

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/**
 * ADVERTISE_URL, else `http://` with the address of HOST, which for every interface (0.0.0.0, ::) is the first of this machine that is not
 * loopback, IPv4 before IPv6.
 * @param port the port the listener got
 * @param interfaces `networkInterfaces()` of node:os
 */
export function advertisedUrl(
  config: { readonly advertiseUrl: string | null; readonly host: string },
  port: number,
  interfaces: Interfaces,
): string {
  if (config.advertiseUrl !== null) return config.advertiseUrl
  const everywhere = config.host === '0.0.0.0' || config.host === '::'
  const host = everywhere ? (ownAddress(interfaces) ?? '127.0.0.1') : config.host
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function ownAddress(interfaces: Interfaces): string | undefined {
  const others = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80'))
  return (others.find(({ family }) => family === 'IPv4') ?? others[0])?.address
}
