// As much of pg as a bare route needs; it brings no types of its own.
declare module 'pg' {
  class Pool {
    constructor(options: { connectionString: string | undefined; max: number })
    query(sql: string, params: unknown[]): Promise<{ rows: object[] }>
    end(): Promise<void>
  }
  const pg: { readonly Pool: typeof Pool }
  export default pg
}
