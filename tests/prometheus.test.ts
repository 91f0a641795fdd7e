import t from 'tap'
import { makePrometheus } from '../src/prometheus.ts'

const valueIn = (text: string, series: string): number | null => {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `))
  return line === undefined ? null : Number(line.slice(series.length + 1))
}

t.test('what was counted before the library was loaded is shown, and what comes after it', async (t) => {
  const metrics = makePrometheus(() => undefined)
  metrics.count('fences', { cause: 'guard-in' })
  metrics.observe('askDuration', { where: 'remote' }, 0.002)
  await metrics.open()
  metrics.count('fences', { cause: 'guard-in' })
  const text = await metrics.read()
  t.equal(valueIn(text, 'whatsapp_erp_fences_total{cause="guard-in"}'), 2)
  t.equal(valueIn(text, 'whatsapp_erp_fences_total{cause="told-dead"}'), 0, 'so that the first increase is one')
  t.equal(valueIn(text, 'whatsapp_erp_ask_duration_seconds_bucket{le="0.0025",where="remote"}'), 1)
  t.equal(valueIn(text, 'whatsapp_erp_ask_duration_seconds_bucket{le="0.001",where="remote"}'), 0)
  t.match(text, '# TYPE whatsapp_erp_fences_total counter')
  t.match(text, /# HELP whatsapp_erp_lease_slack_seconds What is left/)
  t.ok((valueIn(text, 'process_resident_memory_bytes') ?? 0) > 0, 'the usual ones of a process')
})

t.test('a gauge is what it is at the look, and is not shown when nobody can say', async (t) => {
  const errors: unknown[] = []
  const metrics = makePrometheus((error) => errors.push(error))
  let slack: number | null = 6
  metrics.gauges((set) => {
    if (slack === null) throw new Error('no lease')
    set('leaseSlack', {}, slack)
    set('sessions', { state: 'open' }, 3)
  })
  metrics.gauges((set) => set('draining', {}, 1))
  t.equal(valueIn(await metrics.read(), 'whatsapp_erp_lease_slack_seconds'), 6)
  slack = null
  const text = await metrics.read()
  t.equal(valueIn(text, 'whatsapp_erp_lease_slack_seconds'), null)
  t.equal(valueIn(text, 'whatsapp_erp_sessions{state="open"}'), null)
  t.equal(valueIn(text, 'whatsapp_erp_draining'), 1, 'the other looks go on')
  t.match(errors, [/no lease/])
})
