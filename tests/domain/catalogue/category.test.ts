import t from 'tap'
import { type CategoryView, placeUnder, treeOf } from '../../../src/domain/catalogue/category.ts'
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
