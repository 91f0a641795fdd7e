import t from 'tap'
import { imageType } from '../../../src/domain/conversation/image.ts'

t.test('a picture is known by its first bytes', async (t) => {
  const cases = [
    ['ffd8ffe000104a464946', 'image/jpeg'],
    ['89504e470d0a1a0a0000', 'image/png'],
    ['524946460000000057454250', 'image/webp'],
    ['524946460000000057415645', null],
    ['3c7376672f3e', null],
    ['474946383961', null],
    ['ffd8', null],
    ['', null],
  ] as const
  for (const [hex, type] of cases) t.equal(imageType(Buffer.from(hex, 'hex')), type, hex)
})
