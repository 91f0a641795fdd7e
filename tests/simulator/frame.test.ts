import t from 'tap'
import { createFrameReader, encodeFrame, INTRODUCTION } from '../../simulator/frame.ts'

const texts = (frames: readonly Buffer[]): string[] => frames.map(String)

t.test('frames are cut out of a stream however it is chopped', (t) => {
  const stream = Buffer.concat([INTRODUCTION, encodeFrame(Buffer.from('one')), encodeFrame(Buffer.from('two'))])
  for (let size = 1; size <= stream.length; size += 1) {
    const reader = createFrameReader()
    const frames: string[] = []
    for (let at = 0; at < stream.length; at += size) frames.push(...texts(reader.push(stream.subarray(at, at + size))))
    t.same(frames, ['one', 'two'], `in pieces of ${size}`)
  }
  t.end()
})

t.test('a client may say first where it was routed before', (t) => {
  const routing = Buffer.from('somewhere')
  const prefix = Buffer.concat([Buffer.from('ED'), Buffer.from([0, 1, 0, 0, routing.length]), routing])
  const reader = createFrameReader()
  t.same(texts(reader.push(Buffer.concat([prefix, INTRODUCTION, encodeFrame(Buffer.from('one'))]))), ['one'])
  t.end()
})

t.test('a stream that does not begin as a client does is refused', (t) => {
  t.throws(() => createFrameReader().push(Buffer.from('GET / HTTP/1.1')), /does not begin as a client does/)
  t.end()
})
