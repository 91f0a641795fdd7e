// The figures as people read them.

import type { Figure } from './figures.ts'

const HEAD = ['', 'ours', 'bare', 'ratio', 'better', 'unit', 'native', 'ratio', '']

/** One line a figure; columns stand under each other. */
export function table(figures: readonly Figure[]): string {
  const shown = (value: number | null | undefined) => (value === null || value === undefined ? '-' : String(value))
  const rows = figures.map((each) => [
    each.name,
    shown(each.ours),
    shown(each.bare),
    shown(each.ratio),
    each.better,
    each.unit,
    shown(each.bareNative),
    shown(each.ratioNative),
    each.note ?? '',
  ])
  const all = [HEAD, ...rows]
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
