// Draws an invoice as PDF, the same bytes for the same invoice. The only place that knows how a PDF is made: fonts, pages, columns, and text
// of any script on a line. What stands on it is domain/invoice/invoice.ts.

import { fileURLToPath } from 'node:url'
import PDFDocument from 'pdfkit'
import { dayIn } from '../domain/day.ts'
import { type Invoice, rateText } from '../domain/invoice/invoice.ts'
import { startsRight, type VisualRun, visualRuns } from '../domain/invoice/visual-runs.ts'
import { formatMoney } from '../domain/money.ts'

/** Who writes the invoice. */
export interface Seller {
  readonly name: string
  /** Address, opening hours, tax number: what the shop says of itself, in lines. */
  readonly contactText: string
  readonly locale: string
  readonly timezone: string
}

const font = (name: string) => fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`))
const FONTS = { plain: font('DejaVuSans'), bold: font('DejaVuSans-Bold') }

// Points of A4.
const LEFT = 50
const RIGHT = 545
const TOP = 50
const BOTTOM = 770
const SIZE = 9
const LEADING = 1.35
/** The most of one text that is drawn, in characters. */
const MAX_CHARS = 400
const PAID_BY = { cash: 'cash', transfer: 'transfer', card: 'card', other: 'other' } as const

interface Column {
  readonly title: string
  readonly x: number
  readonly width: number
  readonly align: 'left' | 'right'
}

const column = (title: string, x: number, width: number, align: Column['align'] = 'right'): Column => ({
  ...{ title, x, width },
  align,
})
const COLUMNS = [
  column('SKU', LEFT, 75, 'left'),
  column('Item', 130, 150, 'left'),
  column('Qty', 282, 33),
  column('Unit price', 317, 68),
  column('Discount', 387, 58),
  column('Tax', 447, 36),
  column('Total', 485, 60),
] as const

/** The finished file. `compress: false` leaves its streams readable, for tests. */
export async function invoicePdf(invoice: Invoice, seller: Seller, { compress = true } = {}): Promise<Buffer> {
  const info = { Title: invoice.number, Author: clean(seller.name), CreationDate: invoice.placedAt }
  const doc = new PDFDocument({ size: 'A4', margin: 0, bufferPages: true, compress, info, font: FONTS.plain })
  const chunks: Buffer[] = []
  doc.on('data', (chunk: Buffer) => chunks.push(chunk))
  const done = new Promise<void>((resolve, reject) => doc.once('end', resolve).once('error', reject))
  draw(makePen(doc), invoice, seller)
  doc.end()
  await done
  return Buffer.concat(chunks)
}

interface Style {
  readonly size?: number
  readonly bold?: boolean
  readonly align?: 'left' | 'right'
}

interface Pen {
  y: number
  /** Draws a text into a column of the page, on as many lines as it needs. @returns how high it is */
  put(text: string, x: number, width: number, style?: Style): number
  /** How high it would be. */
  height(text: string, width: number, style?: Style): number
  /** Goes to the next page unless so much fits on this one. */
  need(height: number): void
  rule(): void
  numberPages(label: string): void
}

/** Text without what is not drawn but changes what is: control characters and marks of direction. Joiners of letters stay. */
function clean(text: string): string {
  const spaced = text.normalize('NFC').replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
  const plain = spaced.replace(/(?![\u200c\u200d])[\p{Cf}\p{Cs}\p{Co}]/gu, '').replace(/ {2,}/g, ' ')
  return [...plain.trim()].slice(0, MAX_CHARS).join('')
}

const ARABIC_DIGITS = /[\u0660-\u0669\u06f0-\u06f9]/

/** Lays text out in the font that is set: how wide it is, and where it breaks. */
function makeRuler(doc: PDFKit.PDFDocument) {
  // What runs to the left is laid out as a whole, which a list of features asks for; all else word by word, which is remembered.
  const plain = { lineBreak: false } satisfies PDFKit.Mixins.TextOptions
  const whole = { ...plain, features: [] } satisfies PDFKit.Mixins.TextOptions
  const optionsOf = (run: VisualRun) => (run.rtl ? whole : plain)
  /** Pieces as the font may have them: it turns digits of Arabic round, as if they were letters. */
  const pieces = (text: string, base?: 'left' | 'right'): readonly VisualRun[] =>
    visualRuns(text, base).flatMap((run) =>
      run.rtl || !ARABIC_DIGITS.test(run.text) ? [run] : [...run.text].map((char) => ({ text: char, rtl: false })),
    )
  const widthOfRun = (run: VisualRun) => doc.widthOfString(run.text, optionsOf(run))
  const widthOf = (text: string) => pieces(text).reduce((sum, run) => sum + widthOfRun(run), 0)

  /** Cuts what is longer than the line at its spaces, and words that are longer at any letter. */
  const wrapped = (text: string, width: number): readonly string[] => {
    if (widthOf(text) <= width) return [text]
    const lines: string[] = []
    let line = ''
    const add = (part: string, between: string) => {
      if (line === '') line = part
      else if (widthOf(line + between + part) <= width) line += between + part
      else {
        lines.push(line)
        line = part
      }
    }
    for (const word of text.split(' ')) {
      if (widthOf(word) <= width) add(word, ' ')
      else for (const [index, part] of broken(word, width).entries()) add(part, index === 0 ? ' ' : '')
    }
    return [...lines, line]
  }

  /** Letters are measured one by one: no word of people is that long. */
  const broken = (word: string, width: number): readonly string[] => {
    const parts: string[] = []
    let part = ''
    let long = 0
    for (const char of word) {
      const more = widthOf(char)
      if (part !== '' && long + more > width) {
        parts.push(part)
        part = ''
        long = 0
      }
      part += char
      long += more
    }
    return [...parts, part]
  }
  return { pieces, optionsOf, widthOfRun, widthOf, wrapped }
}

function makePen(doc: PDFKit.PDFDocument): Pen {
  const ruler = makeRuler(doc)
  const set = ({ size = SIZE, bold = false }: Style) => doc.font(bold ? FONTS.bold : FONTS.plain).fontSize(size)
  const pen: Pen = {
    y: TOP,
    height(text, width, style = {}) {
      set(style)
      return ruler.wrapped(clean(text), width).length * (style.size ?? SIZE) * LEADING
    },
    put(text, x, width, style = {}) {
      set(style)
      const { size = SIZE, align } = style
      const shown = clean(text)
      const base = startsRight(shown) ? 'right' : 'left'
      const lines = ruler.wrapped(shown, width)
      for (const [index, line] of lines.entries()) {
        const right = (align ?? base) === 'right'
        let at = right ? x + width - ruler.widthOf(line) : x
        for (const run of ruler.pieces(line, base)) {
          doc.text(run.text, at, pen.y + index * size * LEADING, ruler.optionsOf(run))
          at += ruler.widthOfRun(run)
        }
      }
      return lines.length * size * LEADING
    },
    need(height) {
      if (pen.y + height <= BOTTOM) return
      doc.addPage()
      pen.y = TOP
    },
    rule() {
      doc.moveTo(LEFT, pen.y).lineTo(RIGHT, pen.y).lineWidth(0.5).strokeColor('#999999').stroke()
      pen.y += 6
    },
    numberPages(label) {
      const { count } = doc.bufferedPageRange()
      for (let page = 0; page < count; page += 1) {
        doc.switchToPage(page)
        pen.y = BOTTOM + 25
        pen.put(`${label} · ${page + 1} / ${count}`, LEFT, RIGHT - LEFT, { size: 7, align: 'right' })
      }
    },
  }
  return pen
}

function draw(pen: Pen, invoice: Invoice, seller: Seller): void {
  const money = (minor: number) => formatMoney(minor, invoice.currency, seller.locale)
  const day = (at: Date) => dayIn(seller.timezone, at)
  drawHeads(pen, invoice, seller, day(invoice.placedAt))
  drawLines(pen, invoice, money)
  drawSums(pen, invoice, money)
  drawPayments(pen, invoice, money, day)
  pen.numberPages(invoice.number)
}

function drawHeads(pen: Pen, invoice: Invoice, seller: Seller, date: string): void {
  const half = (RIGHT - LEFT) / 2 - 10
  const block = (x: number, texts: readonly (readonly [string, Style?])[]) => {
    pen.y = TOP
    for (const [text, style] of texts) pen.y += pen.put(text, x, half, style)
    return pen.y
  }
  const left = block(LEFT, [
    [seller.name, { size: 13, bold: true }],
    ...linesOf(seller.contactText).map((line) => [line] as const),
  ])
  const state = invoice.undone === null ? [] : [[`This order was ${invoice.undone}.`, { bold: true }] as const]
  const right = block(RIGHT - half, [
    ['Invoice', { size: 16, bold: true, align: 'right' }],
    [invoice.number, { align: 'right' }],
    [date, { align: 'right' }],
    ...state.map(([text, style]) => [text, { ...style, align: 'right' }] as const),
  ])
  pen.y = Math.max(left, right) + 15
  pen.y += pen.put('To', LEFT, half, { size: 7 })
  pen.y += pen.put(invoice.customer, LEFT, half, { bold: true })
  for (const line of invoice.address.flatMap(linesOf)) pen.y += pen.put(line, LEFT, half)
  pen.y += 15
}

const MAX_CONTACT_LINES = 12
const linesOf = (text: string) =>
  text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(0, MAX_CONTACT_LINES)

function drawLines(pen: Pen, invoice: Invoice, money: (minor: number) => string): void {
  const row = (texts: readonly string[], style: Style = {}) => {
    const heights = COLUMNS.map(({ width }, index) => pen.height(texts[index] ?? '', width, style))
    const height = Math.max(...heights)
    pen.need(height)
    for (const [index, { x, width, align }] of COLUMNS.entries())
      pen.put(texts[index] ?? '', x, width, align === 'right' ? { ...style, align } : style)
    pen.y += height + 2
  }
  row(
    COLUMNS.map(({ title }) => title),
    { bold: true, size: 8 },
  )
  pen.rule()
  for (const line of invoice.lines)
    row([
      ...[line.sku, line.name, String(line.quantity), money(line.unitPriceMinor)],
      line.discountMinor === 0 ? '' : money(-line.discountMinor),
      rateText(line.taxRateBp),
      money(line.totalMinor),
    ])
  pen.rule()
}

function sumRow(pen: Pen, label: string, amount: string, bold = false): void {
  pen.need(SIZE * LEADING)
  pen.put(label, 300, 140, { bold, align: 'right' })
  pen.y += pen.put(amount, 445, RIGHT - 445, { bold, align: 'right' })
}

function drawSums(pen: Pen, invoice: Invoice, money: (minor: number) => string): void {
  if (invoice.discountMinor > 0) sumRow(pen, 'Discount in these prices', money(invoice.discountMinor))
  for (const { taxRateBp, netMinor, taxMinor } of invoice.taxes) {
    sumRow(pen, `Net at ${rateText(taxRateBp)}`, money(netMinor))
    sumRow(pen, `Tax ${rateText(taxRateBp)}`, money(taxMinor))
  }
  if (invoice.shippingMinor > 0) sumRow(pen, 'Delivery', money(invoice.shippingMinor))
  sumRow(pen, 'Total', money(invoice.totalMinor), true)
  pen.y += 10
}

function drawPayments(pen: Pen, invoice: Invoice, money: (minor: number) => string, day: (at: Date) => string): void {
  for (const { kind, method, amountMinor, reference, at } of invoice.payments) {
    const what = kind === 'refund' ? 'Refund' : 'Payment'
    pen.need(SIZE * LEADING * 4)
    const height = pen.put([what, PAID_BY[method], reference].filter(Boolean).join(', '), 130, 305)
    pen.put(day(at), LEFT, 75)
    pen.put(money(kind === 'refund' ? -amountMinor : amountMinor), 445, RIGHT - 445, { align: 'right' })
    pen.y += height
  }
  pen.y += 4
  if (invoice.creditMinor > 0) sumRow(pen, 'To be paid back', money(invoice.creditMinor), true)
  else sumRow(pen, 'Due', money(invoice.dueMinor), true)
}
