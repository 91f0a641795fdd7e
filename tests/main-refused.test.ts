import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { freshDir, launch, processesOf } from './support/program.ts'
import { script } from './support/script.ts'

t.test('what cannot start says why in one sentence and leaves with status 1', async (t) => {
  const dataDir = join(await freshDir(t), 'data')
  const taken = createServer()
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done))
  t.teardown(() => taken.close())
  const address = taken.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const nowhere = 'postgresql://me:hunter2@127.0.0.1:1/none'
  const cases: readonly (readonly [string, Record<string, string>, RegExp])[] = [
    ['a taken port', { PORT: String(port) }, new RegExp(`Port ${port} is taken`)],
    ['a bad variable', { PORT: 'five' }, /PORT is "five"/],
    ['a database that is not there', { DATABASE_URL: nowhere, PORT: '0' }, /DATABASE_URL/],
    ['a bad encryption key', { AUTH_ENCRYPTION_KEY: 'short', PORT: '0' }, /AUTH_ENCRYPTION_KEY/],
  ]
  for (const [what, environment, sentence] of cases) {
    const node = launch(t, { DATA_DIR: dataDir, ...environment })
    t.equal(await node.ended, 1, what)
    const lines = node.output().trim().split('\n')
    t.match(lines.at(-1), /^Cannot start: /, what)
    t.match(lines.at(-1), sentence, what)
    t.notMatch(node.output(), /hunter2/)
    t.same(await processesOf(dataDir), [], what)
  }
})

t.test('an option that is none stops the start, and not silently', async (t) => {
  const start = await script(t, ['scripts/start.mjs', '--dmeo'], { PORT: '0' })
  t.same(await start.ended, [1, null])
  t.match(start.errors(), /^Cannot start: "--dmeo" is no option\. It is npm start, or npm start -- --demo/)
})

t.test('what is mistyped behind a command is answered with its usage, and no stack', async (t) => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['scripts/model.ts', '--rnus', '3'], /^Unknown option '--rnus'[\s\S]*Usage: npm run model/],
    [['scripts/commerce.ts', '--runs', 'many'], /^--runs must be a whole number[\s\S]*Usage: npm run commerce/],
    [
      ['scripts/mutations.ts', 'no promise says this'],
      /^No promise holds no promise says this\.\s+Usage: npm run mutations/,
    ],
  ]
  const check = async ([line, answer]: (typeof cases)[number]) => {
    const command = await script(t, line)
    t.same(await command.ended, [2, null], line.join(' '))
    t.match(command.errors(), answer)
    t.notMatch(command.errors(), /\n {4}at /)
  }
  await Promise.all(cases.map(check))
})
