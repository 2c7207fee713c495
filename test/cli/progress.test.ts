import t from 'tap'
import { bar, count, duration, size } from '../../cli/paint.ts'
import { Progress } from '../../cli/progress.ts'

function collect (isTTY: boolean) {
  let now = 0
  let text = ''
  const progress = new Progress({ write: (more) => { text += more }, isTTY, columns: 12 }, () => now)
  return { progress, text: () => text, goOn: (ms: number) => { now += ms } }
}

t.test('on a terminal one line is written over and over, cut to its width, and taken away at the end', async (t) => {
  const { progress, text, goOn } = collect(true)
  progress.show(() => 'one')
  progress.show(() => 'too soon')
  goOn(100)
  progress.show(() => 'a line that is too long')
  progress.end()
  progress.end()
  t.equal(text(), '\r\u001B[Kone\r\u001B[Ka line that\r\u001B[K')
})

t.test('elsewhere it is a line now and then, and none for what is over soon', async (t) => {
  const { progress, text, goOn } = collect(false)
  progress.show(() => 'one')
  goOn(4_999)
  progress.show(() => 'two')
  t.equal(text(), '')
  goOn(1)
  progress.show(() => 'three')
  progress.end()
  t.equal(text(), 'three\n')
})

t.test('numbers, times and sizes are written for people', async (t) => {
  t.equal(count(1_234_567.4), '1,234,567')
  t.strictSame([0, 1, 119, 120, 7_199, 7_200].map(duration), [
    'less than 1 s',
    '1 s',
    '119 s',
    '2 min',
    '120 min',
    '2.0 h'
  ])
  t.strictSame([0, 1_023, 1_024, 412_090_368, 2 ** 40].map(size), [
    '0 bytes',
    '1023 bytes',
    '1.0 KiB',
    '393.0 MiB',
    '1.0 TiB'
  ])
})

t.test('a bar is as wide as it is told, whatever the share', async (t) => {
  t.strictSame([-1, 0, 0.5, 0.51, 1, 9].map((share) => bar(share, 4)), ['░░░░', '░░░░', '██░░', '██░░', '████', '████'])
  for (let share = 0; share <= 1; share += 0.01) t.equal([...bar(share, 10)].length, 10)
})
