import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import t from 'tap'

const SRC = resolve(import.meta.dirname, '../../../src')

/** The packages that are loaded with this file: what it and everything below it imports by value, at once. */
function loadedWith(file: string): Set<string> {
  const packages = new Set<string>()
  const seen = new Set<string>()
  const follow = (path: string) => {
    if (seen.has(path) || !existsSync(path)) return
    seen.add(path)
    const text = readFileSync(path, 'utf8')
    const found = text.matchAll(
      /(?:^|\n)(?:import|export)\s(?!type\s)[^'"]*?from\s+'([^']+)'|(?:^|\n)import\s+'([^']+)'/g,
    )
    for (const match of found) {
      const target = match[1] ?? match[2] ?? ''
      if (target.startsWith('.')) follow(resolve(dirname(path), target))
      else packages.add(target)
    }
  }
  follow(file)
  return packages
}

t.test('a node is loaded without Baileys', async (t) => {
  const packages = loadedWith(join(SRC, 'node.ts'))
  t.ok(packages.has('nact') && packages.has('@mikro-orm/postgresql'), 'the rest is there')
  t.notOk(packages.has('@whiskeysockets/baileys'))
  t.notOk(packages.has('libsignal'))
  t.ok(loadedWith(join(SRC, 'actors/whatsapp/baileys.ts')).has('@whiskeysockets/baileys'))
})

t.test('the program begins to start its database before it loads what the node needs', async (t) => {
  const packages = loadedWith(join(SRC, 'main.ts'))
  t.ok(packages.has('zod'))
  for (const heavy of ['@mikro-orm/postgresql', 'fastify', 'nact']) t.notOk(packages.has(heavy), heavy)
})
