// `npm run bench`
import { openBench } from './parts.ts'
import { inbound } from './scenarios/inbound.ts'
const bench = await openBench({ flags: (process.env['FLAGS'] ?? '').split(' ').filter(Boolean) })
try {
  console.log(await inbound(bench, { accounts: Number(process.env['ACC'] ?? 20), rounds: Number(process.env['ROUNDS'] ?? 1), messages: Number(process.env['MSG'] ?? 1000), which: (process.env['WHICH']?.split(',') ?? ['inbound stored','inbound order and reply']) as never }))
} finally { await bench.close() }
