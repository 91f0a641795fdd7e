// The shop that every trial starts with, set up once over the real API in a template database and cloned from then on.

import { randomBytes } from 'node:crypto'
import { ACCOUNTS, type Account, PASSWORD, PRODUCTS } from './cast.ts'
import { type MadeDatabase, makeDatabase } from './databases.ts'
import { callApi } from './http.ts'
import { makeRunDirectory, removeRunDirectory, startServerProcess } from './processes.ts'

export interface Secrets {
  readonly JWT_SECRET: string
  readonly AUTH_ENCRYPTION_KEY: string
}

export interface Shop {
  readonly adminUrl: string
  readonly template: MadeDatabase
  readonly secrets: Secrets
  /** Access token and user id by the number of the account. */
  readonly users: ReadonlyMap<string, { readonly token: string; readonly id: string }>
}

/** @param adminUrl a server on which databases may be made. The caller drops the template. */
export async function makeShop(adminUrl: string): Promise<Shop> {
  const template = await makeDatabase(adminUrl)
  const secrets = { JWT_SECRET: randomBytes(32).toString('hex'), AUTH_ENCRYPTION_KEY: randomBytes(32).toString('hex') }
  const dataDir = await makeRunDirectory()
  const server = startServerProcess({ DATABASE_URL: template.url, DATA_DIR: dataDir, ...secrets }, [])
  try {
    const url = await server.up
    return { adminUrl, template, secrets, users: await furnish(url) }
  } finally {
    await server.program.end()
    await removeRunDirectory(dataDir)
  }
}

/** The accounts sign up, the first as admin; products and contacts go in over the API. @param url of a server */
export async function furnish(url: string, accounts: readonly Account[] = ACCOUNTS): Promise<Shop['users']> {
  const users = new Map<string, { token: string; id: string }>()
  for (const { number, email, customers } of accounts) {
    const role = users.size === 0 ? 'admin' : 'employee'
    const signedUp = await callApi(url, 'POST', '/api/auth/signup', { body: { email, password: PASSWORD, role } })
    const { token, user } = signedUp.body as { token: string; user: { id: string } }
    users.set(number, { token, id: user.id })
    if (role === 'admin')
      for (const product of PRODUCTS) await callApi(url, 'POST', '/api/products', { token, body: product })
    for (const [index, customer] of customers.entries()) {
      const body = { phoneNumber: `+${customer}`, name: `Customer ${index}` }
      await callApi(url, 'POST', '/api/whatsapp/contact/add', { token, body })
    }
  }
  return users
}
