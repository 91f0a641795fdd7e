import t from 'tap'
import {
  type CategoryView,
  chainOf,
  levelsOf,
  placeUnder,
  treeOf,
  withSubtreeCounts,
} from '../../../src/domain/catalogue/category.ts'
import { asId, type CategoryId } from '../../../src/domain/ids.ts'

const id = (text: string) => asId<CategoryId>(text)

t.test('a category stands under any parent up to five deep', (t) => {
  const chain = ['e', 'd', 'c', 'b', 'a'].map(id)
  t.match(placeUnder(chain.slice(1), null), { ok: true })
  t.match(placeUnder(chain, null), { ok: false, refusal: { code: 'category-too-deep' } })
  t.match(placeUnder(chain.slice(2), id('b')), { ok: false, refusal: { code: 'category-cycle' } })
  t.end()
})

t.test('the flat list becomes a tree in its own order', (t) => {
  const category = (name: string, parent: string | null): CategoryView => ({
    id: id(name),
    name,
    slug: name,
    parentId: parent === null ? null : id(parent),
    position: 0,
    productCount: 0,
    version: 1,
  })
  const tree = treeOf([
    category('home', null),
    category('mugs', 'home'),
    category('lost', 'gone'),
    category('pans', 'home'),
  ])
  t.same(
    tree.map((node) => [node.name, node.children.map((child) => child.name)]),
    [
      ['home', ['mugs', 'pans']],
      ['lost', []],
    ],
  )
  t.end()
})

t.test('what is moved counts with all that is below it', (t) => {
  const one = (name: string, parent: string | null, productCount = 0) => ({
    id: id(name),
    name,
    slug: name,
    parentId: parent === null ? null : id(parent),
    position: 0,
    productCount,
    version: 1,
  })
  const flat = [one('a', null, 1), one('b', 'a', 2), one('c', 'b', 4), one('d', 'a', 8)]
  t.equal(levelsOf(flat, id('a')), 3)
  t.equal(levelsOf(flat, id('c')), 1)
  t.same(chainOf(flat, id('c')), ['c', 'b', 'a'])
  t.same(chainOf(flat, id('x')), [])
  t.same(
    withSubtreeCounts(flat).map(({ productCount }) => productCount),
    [15, 6, 4, 8],
  )
  t.equal(placeUnder([id('x'), id('y')], id('a'), 3).ok, true)
  t.match(placeUnder([id('x'), id('y'), id('z')], id('a'), 3), { refusal: { code: 'category-too-deep' } })
  const ring = [one('p', 'q'), one('q', 'p')]
  t.equal(chainOf(ring, id('p')).length, 2, 'a ring ends')
  t.end()
})
