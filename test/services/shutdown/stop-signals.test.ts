import { EventEmitter } from 'node:events'
import t from 'tap'
import { ECHO_MS, listenForStop } from '../../../services/shutdown/stop-signals.ts'

t.test('the first signal stops, its echo does nothing, a later one is a repetition', (t) => {
  const source = new EventEmitter()
  const calls: string[] = []
  let now = 5
  listenForStop({
    source,
    onStop: (signal) => calls.push(`stop ${signal}`),
    onRepeated: (signal) => calls.push(`repeated ${signal}`),
    now: () => now
  })
  source.emit('SIGINT')
  source.emit('SIGINT')
  now += ECHO_MS - 1
  source.emit('SIGTERM')
  t.strictSame(calls, ['stop SIGINT'])
  now += 1
  source.emit('SIGINT')
  t.strictSame(calls, ['stop SIGINT', 'repeated SIGINT'])
  t.end()
})
