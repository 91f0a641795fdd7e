import t from 'tap'
import { hang, makePaper } from '../../../scripts/demo/paper.ts'

function page() {
  let text = ''
  const write = (some: string) => {
    text += some
  }
  return { paper: makePaper({ write }, 'Shop'), text: () => text }
}

t.test('a chat of many lines stands below its first words, the shop to the right', async (t) => {
  const { paper, text } = page()
  paper.chat('Amal', 'Shop', 'hi')
  paper.chat('Shop', 'Amal', 'Welcome\n• catalog')
  t.equal(text(), '    Amal → Shop: hi\n          Shop → Amal: Welcome\n                       • catalog\n')
})

t.test('nothing is wider than 100 columns, and no word is lost', async (t) => {
  const words = Array.from({ length: 60 }, (_, index) => `word${index}`).join(' ')
  const rows = hang('  ✓ ', words)
  t.ok(rows.length > 1 && rows.every((row) => row.length <= 100))
  t.equal(rows.map((row) => row.slice(4)).join(' '), words)
  t.same(
    hang('', 'x'.repeat(250)).map((row) => row.length),
    [100, 100, 50],
  )
})

t.test('a QR is drawn without colours where there is no terminal', async (t) => {
  const { paper, text } = page()
  await paper.qr('2@abc')
  t.match(text(), /█▀▀▀▀▀█/)
  t.notOk(text().includes('\u001b'))
})
