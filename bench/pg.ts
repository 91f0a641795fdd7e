// The PostgreSQL driver without anything of ours around it: what statements cost by themselves.

import { createRequire } from 'node:module'

export interface BareClient {
  query(
    query: string | { readonly name: string; readonly text: string; readonly values: readonly unknown[] },
  ): Promise<{
    readonly rows: readonly object[]
  }>
  release(): void
}

export interface BarePool {
  connect(): Promise<BareClient>
  query(text: string, values: readonly unknown[]): Promise<{ readonly rows: readonly object[] }>
  end(): Promise<void>
}

interface Driver {
  readonly Pool: new (options: { readonly connectionString: string; readonly max: number }) => BarePool
}

/** The driver has no types of its own. */
const driver = createRequire(import.meta.url)('pg') as Driver

export function barePool(connectionString: string, max: number): BarePool {
  return new driver.Pool({ connectionString, max })
}
