// Reads the text back out of a PDF that pdfkit wrote: which font is set, which glyphs are shown, and which letters they stand for. Enough for
// its own files, and for no others.

import { inflateSync } from 'node:zlib'

interface Piece {
  readonly x: number
  readonly y: number
  readonly text: string
}

/** The texts of all pages, top to bottom; pieces of one line from left to right, with a space where there is a gap in the columns. */
export function pdfText(pdf: Buffer): string {
  const objects = objectsOf(pdf)
  const maps = fontMaps(objects)
  return [...objects.values()]
    .filter(({ head }) => /\/Type \/Page\b(?!s)/.test(head))
    .flatMap(({ head }) => {
      const content = objects.get(Number(/\/Contents (\d+) 0 R/.exec(head)?.[1]))?.stream ?? ''
      const resources = objects.get(Number(/\/Resources (\d+) 0 R/.exec(head)?.[1]))?.head ?? head
      const fonts = new Map(
        [...resources.matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, name, id]) => [name ?? '', maps.get(Number(id))]),
      )
      return linesOf(piecesOf(content, fonts))
    })
    .join('\n')
}

function objectsOf(pdf: Buffer) {
  const objects = new Map<number, { readonly head: string; readonly stream: string }>()
  const text = pdf.toString('latin1')
  for (const match of text.matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) {
    const [, id, body = ''] = match
    const [head = '', ...rest] = body.split('stream\n')
    const raw = Buffer.from(
      rest
        .join('stream\n')
        .replace(/\nend$/, '')
        .replace(/\nendstream$/, ''),
      'latin1',
    )
    const stream = head.includes('/FlateDecode') ? inflateSync(raw) : raw
    objects.set(Number(id), { head, stream: stream.toString('latin1') })
  }
  return objects
}

type Objects = ReturnType<typeof objectsOf>

/** Of each font: what a glyph's number says, by its ToUnicode table. */
function fontMaps(objects: Objects): Map<number, ReadonlyMap<number, string>> {
  const maps = new Map<number, ReadonlyMap<number, string>>()
  for (const [id, { head }] of objects) {
    const table = /\/ToUnicode (\d+) 0 R/.exec(head)?.[1]
    if (table === undefined) continue
    const letters = new Map<number, string>()
    const { stream = '' } = objects.get(Number(table)) ?? {}
    for (const [, from = '', list = ''] of stream.matchAll(/<([0-9a-f]+)> <[0-9a-f]+> \[([^\]]*)\]/g))
      for (const [index, [, code = '']] of [...list.matchAll(/<([0-9a-f ]*)>/g)].entries())
        letters.set(Number.parseInt(from, 16) + index, utf16(code.replaceAll(' ', '')))
    maps.set(id, letters)
  }
  return maps
}

function utf16(hex: string): string {
  return String.fromCharCode(...(hex.match(/.{4}/g) ?? []).map((unit) => Number.parseInt(unit, 16)))
}

function piecesOf(content: string, fonts: ReadonlyMap<string, ReadonlyMap<number, string> | undefined>): Piece[] {
  return [...content.matchAll(/1 0 0 1 (\S+) (\S+) Tm\n\/(F\d+) \S+ Tf(?:\n0 Tc)?\n(\[.*\]) TJ/g)].map((match) => {
    const [, x, y, font = '', shown = ''] = match
    const glyphs = [...shown.matchAll(/<([0-9a-f]+)>/g)].flatMap(([, hex = '']) => hex.match(/.{4}/g) ?? [])
    const text = glyphs.map((glyph) => fonts.get(font)?.get(Number.parseInt(glyph, 16)) ?? '\ufffd').join('')
    return { x: Number(x), y: Number(y), text }
  })
}

function linesOf(pieces: readonly Piece[]): readonly string[] {
  const rows = Map.groupBy(pieces, ({ y }) => Math.round(y))
  return [...rows]
    .sort(([a], [b]) => b - a)
    .map(([, row]) =>
      row
        .sort((a, b) => a.x - b.x)
        .map(({ text }) => text)
        .join(' | '),
    )
}
