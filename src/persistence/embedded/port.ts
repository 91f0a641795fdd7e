// Chooses the bundled PostgreSQL's port: the one it had when that is free, else another.

import { createServer } from 'node:net'

// Below the range the system hands out itself: a client waiting on a port of that range can connect to itself.
const LOWEST_PORT = 20_000
const HIGHEST_PORT = 32_000
const TRIES = 100

export async function choosePort(remembered: number | null, random: () => number = Math.random): Promise<number> {
  if (remembered !== null && inRange(remembered) && (await isFree(remembered))) return remembered
  for (let n = 0; n < TRIES; n += 1) {
    const port = LOWEST_PORT + Math.floor(random() * (HIGHEST_PORT - LOWEST_PORT))
    if (await isFree(port)) return port
  }
  throw new Error(`no free port between ${LOWEST_PORT} and ${HIGHEST_PORT} after ${TRIES} tries`)
}

function inRange(port: number): boolean {
  return Number.isInteger(port) && port >= LOWEST_PORT && port < HIGHEST_PORT
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer()
    server.once('error', () => done(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => done(true)))
  })
}
