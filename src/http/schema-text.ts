// Writes a JSON schema the way a programmer reads a type: `{ email: string, role?: "admin" | "manager" }`.

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly format?: string
  readonly anyOf?: readonly unknown[]
  readonly oneOf?: readonly unknown[]
  readonly allOf?: readonly unknown[]
  readonly items?: unknown
  readonly properties?: Readonly<Record<string, unknown>>
  readonly required?: readonly string[]
  readonly additionalProperties?: unknown
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly default?: unknown
}

/**
 * @param schemas the components that `$ref` may name; each is written out where it is used, once on each way down
 */
export function shapeText(schema: unknown, schemas: Readonly<Record<string, unknown>>): string {
  return write(schema, schemas, '', [])
}

function write(
  given: unknown,
  schemas: Readonly<Record<string, unknown>>,
  indent: string,
  above: readonly string[],
): string {
  if (typeof given !== 'object' || given === null) return 'anything'
  const schema: Schema = given
  const inner = (each: unknown, deeper = indent, names = above) => write(each, schemas, deeper, names)
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? ''
    return above.includes(name) ? name : inner(schemas[name], indent, [...above, name])
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map((each) => JSON.stringify(each)).join(' | ')
  const several = schema.anyOf ?? schema.oneOf
  if (several !== undefined) return several.map((each) => inner(each)).join(' | ')
  if (schema.allOf !== undefined) return schema.allOf.map((each) => inner(each)).join(' & ')
  if (schema.type === 'array') return `[${inner(schema.items)}]`
  if (schema.type === 'object') return object(schema, indent, inner)
  const type = typeof schema.type === 'string' ? schema.type : (schema.type ?? ['anything']).join(' | ')
  return `${schema.format ?? type}${limits(schema)}`
}

function object(schema: Schema, indent: string, inner: (each: unknown, deeper?: string) => string): string {
  const properties = Object.entries(schema.properties ?? {})
  if (properties.length === 0)
    return typeof schema.additionalProperties === 'object' ? `{ [name]: ${inner(schema.additionalProperties)} }` : '{}'
  const deeper = `${indent}  `
  const lines = properties.map(([name, each]) => {
    const optional = schema.required?.includes(name) === true ? '' : '?'
    return `${deeper}${name}${optional}: ${inner(each, deeper)}`
  })
  return `{\n${lines.join(',\n')}\n${indent}}`
}

function limits({ minLength, maxLength, minimum, maximum, default: fallback }: Schema): string {
  // The bounds of what a number can hold say nothing.
  const safe = (bound: number | undefined) =>
    bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? undefined : bound
  const from = minLength ?? safe(minimum)
  const to = maxLength ?? safe(maximum)
  const range = from === undefined && to === undefined ? '' : `${from ?? ''}…${to ?? ''}`
  const standard = fallback === undefined ? '' : `default ${JSON.stringify(fallback)}`
  const both = [range, standard].filter((part) => part !== '').join(', ')
  return both === '' ? '' : ` (${both})`
}
