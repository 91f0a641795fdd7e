import t from 'tap'
import { HELP as CHAOS } from '../../../scripts/chaos/usage.ts'
import { HELP as CRASH } from '../../../scripts/crash/usage.ts'
import { HELP as FLEET } from '../../../scripts/fleet/usage.ts'
import { HELP as OUTAGE } from '../../../scripts/outage/usage.ts'
import { carryOut, type Proof, type World } from '../../../scripts/proof/command.ts'
import { BadOption, type Help, helpText, oneOf, usage, whole } from '../../../scripts/proof/options.ts'
import { script } from '../../support/script.ts'

const HELPS = { crash: CRASH, chaos: CHAOS, outage: OUTAGE, fleet: FLEET }
const HELP = {
  command: 'flood',
  options: { litres: ['N', 'how much water'], way: ['W', 'where it goes'] },
  takes: 'A minute.',
  lastLine: 'The last line is a number.',
  columns: { wet: 'what must not be' },
  wrong: 'Status 1: something got wet.',
} as const satisfies Help<string>

type Flood = Proof<'litres' | 'way', number>
const flood: Flood = {
  help: HELP,
  settings: (given) => whole(given, 'litres', { otherwise: 7, least: 1, most: 9 }),
  relaxed: ['no dams'],
  run: async (litres, { json, server }) => ({ told: `${litres} ${json} ${server.adminUrl}`, held: true }),
}

/** Carries it out where nothing is real. @returns its status, and all that was said and done in order */
async function played(args: readonly string[], proof: Partial<Flood> = {}, world: Partial<World> = {}) {
  const did: string[] = []
  const note = (kind: string) => (text: string) => void did.push(`${kind}: ${text}`)
  const status = await carryOut(
    { ...flood, ...proof },
    {
      args,
      tell: note('out'),
      say: note('err'),
      interruption: () => new Promise(() => undefined),
      openServer: async (given) => ({
        adminUrl: given ?? 'bundled',
        says: 'a lake',
        power: null,
        close: async () => note('did')('closed'),
      }),
      clear: [async () => note('did')('cleared')],
      ...world,
    },
  )
  return { status, did }
}

const HEAD = ['err: relaxed: no dams', 'err: database: a lake']
const TAIL = ['did: cleared', 'did: closed']

t.test('a proof that holds tells its result alone on standard output, clears away and ends with 0', async (t) => {
  t.same(await played([]), { status: 0, did: [...HEAD, 'out: 7 false bundled', ...TAIL] })
  const chosen = await played(['--litres', '9', '--json', '--database', 'mine'])
  t.same(chosen, { status: 0, did: [...HEAD, 'out: 9 true mine', ...TAIL] })
})

t.test('one that does not hold, or breaks off, ends with 1 and clears away as well', async (t) => {
  const wet = await played([], { run: async () => ({ told: 'wet', held: false }) })
  t.same(wet, { status: 1, did: [...HEAD, 'out: wet', ...TAIL] })
  const broken = await played([], { run: () => Promise.reject(new Error('the lake is dry')) })
  t.same(broken, { status: 1, did: [...HEAD, ...TAIL, 'err: the lake is dry'] })
  const stuck = await played([], {}, { clear: [() => Promise.reject(new Error('stuck')), async () => undefined] })
  t.same(stuck, { status: 0, did: [...HEAD, 'out: 7 false bundled', 'err: cleaning up: Error: stuck', 'did: closed'] })
})

t.test('a signal ends it with 130, without a result, and nothing is left', async (t) => {
  const never = () => new Promise<never>(() => undefined)
  const ended = await played([], { run: never }, { interruption: async () => 'SIGINT' })
  t.equal(ended.status, 130)
  t.same([...ended.did].sort(), [...HEAD, 'err: SIGINT: everything is ended.', ...TAIL].sort())
  t.same(ended.did.slice(-2), TAIL)
})

t.test('what this machine lacks is said before anything is started', async (t) => {
  const lacking = () => {
    throw new Error('There is no water here.')
  }
  t.same(await played([], { settings: lacking }), { status: 1, did: ['err: There is no water here.'] })
})

t.test('an option that cannot be used gets a sentence and the usage, and 2', async (t) => {
  const line = 'err: Usage: npm run flood -- [--litres N] [--way W] [--database URL] [--json] [--help]'
  for (const [args, sentence] of [
    [['--litters', '3'], "Unknown option '--litters'"],
    [['3'], "Unexpected argument '3'. This command does not take positional arguments"],
    [['--litres'], "Option '--litres <value>' argument missing"],
    [['--litres', '-1'], "Option '--litres' argument is ambiguous."],
    ...['', '0', '10', '3.5', '1e0', 'many'].map((text) => [
      [`--litres=${text}`],
      '--litres must be a whole number from 1 to 9.',
    ]),
  ] as [string[], string][])
    t.same(await played(args), { status: 2, did: [`err: ${sentence}`, line] }, args.join(' '))
})

t.test('a number without an upper limit, and a word of several', async (t) => {
  t.equal(whole({ trials: '12' }, 'trials', { otherwise: 1 }), 12)
  t.equal(whole({}, 'trials', { otherwise: 1 }), 1)
  t.throws(
    () => whole({ trials: '1' }, 'trials', { otherwise: 8, least: 2 }),
    new BadOption('--trials must be a whole number, 2 or more.'),
  )
  t.equal(oneOf({ way: 'up' }, 'way', ['down', 'up']), 'up')
  t.equal(oneOf({}, 'way', ['down', 'up']), null)
  t.throws(() => oneOf({ way: '' }, 'way', ['down', 'up']), new BadOption('--way must be one of down, up.'))
})

t.test('--help says everything, once and aligned', async (t) => {
  const { status, did } = await played(['--help', '--litres', 'many'])
  t.equal(status, 0)
  t.same(did, [
    `out: Usage: npm run flood -- [--litres N] [--way W] [--database URL] [--json] [--help]

  --litres N      how much water
  --way W         where it goes
  --database URL  a PostgreSQL on which databases may be made; a bundled one is started if not given
  --json          the last line is one object
  --help          this, and nothing is run

A minute.

The last line is a number.

  wet  what must not be

Status 0: all of it held.
Status 1: something got wet.
Status 2: an option cannot be used. Status 130: a signal ended it, and nothing is proved.`,
  ])
})

t.test('each of the four says how long it takes and what its last line means', async (t) => {
  for (const help of Object.values(HELPS))
    t.match(helpText(help), /\n\n.*takes .*(minute|second).*\n\nThe last lines? (is|are) /, help.command)
})

for (const [name, option, wrong] of [
  ['crash', '--scale=11', '--scale must be a number above 0, at most 10.'],
  ['chaos', '--only=fire', /^--only must be one of kill, rolling, /],
  ['outage', '--way=burn', '--way must be one of stop, freeze, cut.'],
  ['fleet', '--accounts=1', '--accounts must be a whole number from 2 to 5000.'],
] as const)
  t.test(`npm run ${name} refuses ${option} before it starts anything`, async (t) => {
    const run = await script(t, [`scripts/${name}.ts`, option])
    t.same(await run.ended, [2, null])
    const [sentence, said, ...more] = run.errors().split('\n')
    t.match(sentence, wrong)
    t.equal(said, usage(HELPS[name]))
    t.same([...more, run.out()], ['', ''])
  })
