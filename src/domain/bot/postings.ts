// Lists of labels by what is in them (a word, a trigram), and two bounded questions: which have all of these, which share most with these.

export interface Postings {
  /** Ids only grow. */
  add(term: string, id: number): void
  remove(term: string, id: number): void
  /** The ids that have all the terms, ascending. Empty for no terms. */
  inAll(terms: readonly string[]): readonly number[]
  /**
   * The ids that share most of the terms, the likeliest first: rare terms are looked at first, and common ones no more once enough work is done.
   * @param size about how many terms an id has, so that short names win over long ones
   */
  sharing(terms: ReadonlySet<string>, size: (id: number) => number, most: number): readonly number[]
}

/** Work for each term asked, in ids looked at: what keeps the time of any question bounded, whatever the catalogue. */
const VISITS_PER_TERM = 300
/** Enough for any name, also when the terms are few. */
const LEAST_VISITS = 8_000

/** About how many ids are weighed by their size, of all that share something. */
const WEIGHED = 100
const MOST_SHARED = 255

export function makePostings(): Postings {
  const lists = new Map<string, number[]>()
  let counts = new Uint16Array(1_024)

  return {
    add(term, id) {
      const list = lists.get(term)
      if (list === undefined) lists.set(term, [id])
      else list.push(id)
      if (id >= counts.length) counts = new Uint16Array(2 * id)
    },
    remove(term, id) {
      const list = lists.get(term)
      const at = list?.indexOf(id) ?? -1
      if (list === undefined || at < 0) return
      list.splice(at, 1)
      if (list.length === 0) lists.delete(term)
    },
    inAll(terms) {
      const wanted: number[][] = []
      for (const term of new Set(terms)) {
        const list = lists.get(term)
        if (list === undefined) return []
        wanted.push(list)
      }
      wanted.sort((a, b) => a.length - b.length)
      let found: readonly number[] = wanted[0] ?? []
      for (const list of wanted.slice(1)) {
        if (found.length === 0) return found
        found = common(found, list)
      }
      return found
    },
    sharing(terms, size, most) {
      const wanted = listsOf(terms)
      let visits = Math.max(LEAST_VISITS, VISITS_PER_TERM * terms.size)
      const touched: number[] = []
      for (const list of wanted) {
        if (visits <= 0) break
        for (let at = 0; at < list.length && visits > 0; at += 1, visits -= 1) {
          const id = list[at] ?? 0
          const before = counts[id] ?? 0
          if (before === 0) touched.push(id)
          counts[id] = before + 1
        }
      }
      const enough = threshold(touched, counts)
      const best: { readonly id: number; readonly score: number }[] = []
      for (const id of touched) {
        const shared = counts[id] ?? 0
        counts[id] = 0
        if (shared < enough) continue
        best.push({ id, score: shared / (terms.size + size(id)) })
      }
      best.sort((a, b) => b.score - a.score)
      best.length = Math.min(best.length, most)
      return best.map(({ id }) => id)
    },
  }

  function listsOf(terms: ReadonlySet<string>): readonly number[][] {
    const found: number[][] = []
    for (const term of terms) {
      const list = lists.get(term)
      if (list !== undefined) found.push(list)
    }
    return found.sort((a, b) => a.length - b.length)
  }
}

/** How much must be shared to be weighed at all: so much that few are. */
function threshold(ids: readonly number[], counts: Uint16Array): number {
  const having = new Uint32Array(MOST_SHARED + 1)
  for (const id of ids) {
    const place = Math.min(counts[id] ?? 0, MOST_SHARED)
    having[place] = (having[place] ?? 0) + 1
  }
  let weighed = 0
  for (let shared = MOST_SHARED; shared > 0; shared -= 1) {
    weighed += having[shared] ?? 0
    if (weighed > WEIGHED) return shared
  }
  return 1
}

/** What two ascending lists share. The first is the shorter one. */
function common(few: readonly number[], many: readonly number[]): readonly number[] {
  const found: number[] = []
  let at = 0
  for (const id of few) {
    while (at < many.length && (many[at] ?? 0) < id) at += 1
    if (many[at] === id) found.push(id)
  }
  return found
}
