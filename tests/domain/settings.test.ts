import fc from 'fast-check'
import t from 'tap'
import { DEFAULT_SETTINGS, isCurrency, isLocale, isTimezone, readSettings } from '../../src/domain/settings.ts'

t.test('nothing stored is the defaults', async (t) => {
  for (const stored of [undefined, null, {}, [], 'x', 7]) t.same(readSettings(stored), DEFAULT_SETTINGS)
  t.matchOnlyStrict(DEFAULT_SETTINGS.retention, {
    messages: 365,
    media: 90,
    receipts: 14,
    drafts: 1,
    events: 7,
    idempotencyKeys: 1,
    audit: 730,
    orderPersonal: 730,
  })
  t.matchOnlyStrict(DEFAULT_SETTINGS.bot, {
    enabled: true,
    pauseMinutes: 30,
    unknownSenderPolicy: 'consent',
    confirmAboveMinor: 500_000,
    pendingExpiryHours: 48,
  })
})

t.test('what is stored counts, and what makes no sense is the default', async (t) => {
  const read = readSettings({
    languageDefault: 'ar',
    employeesEditCatalog: false,
    hours: { mon: [{ from: '09:00', to: '18:00' }], tue: [{ from: 'noon', to: '18:00' }] },
    bot: { enabled: false, pauseMinutes: 0, unknownSenderPolicy: 'ask', confirmAboveMinor: null },
    retention: { messages: 30, media: -1, receipts: 1, audit: '9' },
    invoice: { header: 'Nour & Co.' },
    other: true,
  })
  t.match(read, {
    languageDefault: 'ar',
    employeesEditCatalog: false,
    hours: { mon: [{ from: '09:00', to: '18:00' }], tue: [], sun: [] },
    bot: { enabled: false, pauseMinutes: 30, unknownSenderPolicy: 'consent', confirmAboveMinor: null },
    retention: { messages: 30, media: 90, receipts: 14, audit: 730 },
    invoice: { header: 'Nour & Co.', taxId: '' },
  })
  t.notOk('other' in read)
})

t.test('reading never fails, and reads its own answer as it is', async (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), (stored) => {
      const once = readSettings({
        bot: stored,
        hours: stored,
        retention: stored,
        invoice: stored,
        languageDefault: stored,
      })
      t.same(readSettings(once), once)
    }),
    { numRuns: 100 },
  )
})

t.test('zones, currencies and locales are real ones', async (t) => {
  for (const zone of ['UTC', 'Europe/Berlin', 'America/New_York']) t.equal(isTimezone(zone), true, zone)
  for (const zone of ['', '+02:00', 'Mars/Olympus', 'Europe']) t.equal(isTimezone(zone), false, zone)
  for (const code of ['USD', 'KWD', 'JPY']) t.equal(isCurrency(code), true, code)
  for (const code of ['', 'usd', 'ZZZ', 'EURO']) t.equal(isCurrency(code), false, code)
  for (const tag of ['en-US', 'ar', 'es-MX']) t.equal(isLocale(tag), true, tag)
  for (const tag of ['', 'e', '!!', 'xx-YY-']) t.equal(isLocale(tag), false, tag)
})
